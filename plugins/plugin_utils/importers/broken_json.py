# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON that is none gets a sentence: what was expected, in which line it breaks, how it begins, what to do."""

from __future__ import annotations

import json

from ..text.safe import one_line

_SHOWN = 80


def json_of(
    text: str, expected: str, hint: str = "save it again, whole, and import that", place: str | None = None
) -> object:
    """Return the data in a text. Raises ValueError with a sentence that says that it is not *expected*, and where:
    in which line, or at *place* where the caller knows it better.
    """
    try:
        data: object = json.loads(text)
    except RecursionError:
        raise ValueError(f"This is not {expected}: it is nested too deeply; {hint}.") from None
    except ValueError as exc:
        where = f"{place}: this, which begins with {one_line(text, _SHOWN)!r}," if place else _where(text, exc)
        raise ValueError(f"{where} is not {expected}; {hint}.") from None
    return data


def _where(text: str, problem: ValueError) -> str:
    if not text.strip():
        return "This is empty, and"
    if isinstance(problem, json.JSONDecodeError) and problem.pos >= len(text.rstrip()):
        return f"This ends too early, in line {problem.lineno}, and"
    line = problem.lineno if isinstance(problem, json.JSONDecodeError) else 1
    return f"Line {line} of this, which begins with {one_line(text, _SHOWN)!r},"
