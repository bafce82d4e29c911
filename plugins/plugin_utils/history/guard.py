# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever goes wrong in a store is a HistoryError: an audit must never end because of its history.

A damaged byte shows in ways that nobody has foreseen: Python itself raises UnicodeDecodeError while SQLite's message is
made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any, Protocol, TypeVar, cast

from .store import HistoryError

Method = TypeVar("Method", bound=Callable[..., Any])


class Named(Protocol):
    """What a sentence needs of an engine."""

    @property
    def name(self) -> str:
        """What the store is called."""


class HasEngine(Protocol):
    """What a guarded method is of."""

    @property
    def engine(self) -> Named:
        """The engine of the store."""


def guarded(method: Method) -> Method:
    """Return a method, or a generator, of a part of a store that raises HistoryError and no other exception."""
    if isgeneratorfunction(method):

        @wraps(method)
        def generate(self: HasEngine, *arguments: Any, **options: Any) -> Iterator[Any]:
            try:
                yield from method(self, *arguments, **options)
                return
            except HistoryError:
                raise
            except Exception as exc:
                problem = unforeseen(self.engine.name, exc)
            raise HistoryError(problem)

        return cast(Method, generate)

    @wraps(method)
    def call(self: HasEngine, *arguments: Any, **options: Any) -> Any:
        try:
            return method(self, *arguments, **options)
        except HistoryError:
            raise
        except Exception as exc:
            problem = unforeseen(self.engine.name, exc)
        raise HistoryError(problem)

    return cast(Method, call)


def unforeseen(name: str, error: Exception) -> str:
    """Return the sentence on an exception that nobody has foreseen, with the place in the code that it came from."""
    trace, where = error.__traceback__, ""
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    reason = " ".join(str(error).split())[:200].rstrip(".")
    return (
        f"The history {name} can't be used, which is damage or a fault of this collection ({type(error).__name__} at "
        f"{where}{': ' + reason if reason else ''}); see what the operation verify says of it."
    )
