# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error of a PostgreSQL server means for whoever reads it, in one sentence that holds no password."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import unquote

from .location import SECRETS

SCHEMA = "kernel_memory"
"""Where the tables lie."""

_SENTENCES = {
    "53100": "The disk of the server of the history {name} is full, so nothing was written to it; free some space.",
    "53": "The server of the history {name} has no room left for this: {reason}.",
    "55P03": "The history {name} was in use by another program for more than {seconds} seconds, so nothing was "
    "written to it; try again when that has ended.",
    "25006": "The history {name} can be read only, so nothing was written to it; name the server that takes writes.",
    "42501": "The user may not use the history {name}: {reason}. It needs the right to make a schema in the "
    "database, or a schema "
    f"{SCHEMA} that it owns.",
    "42P01": "The history {name} is damaged: {reason}. Put back a copy of it.",
}


def sentence_of(error: Any, name: str, *, closed: bool, waited: int) -> str:
    """Return what an error of the history called *name* means.

    *closed* says that the connection has ended, *waited* how many seconds it waits for another program.
    """
    state = error.sqlstate or ""
    if closed or state.startswith(("08", "57P")):
        return (
            f"The server of the history {name} ended the connection, so nothing of an unfinished run was "
            "kept; try again when it runs."
        )
    sentence = next(
        (text for start, text in _SENTENCES.items() if state.startswith(start)),
        "The history {name} can't be used: {reason}.",
    )
    return sentence.format(name=name, seconds=waited, reason=first_line(error))


def first_line(error: Any) -> str:
    """Return what the server or the driver says, without what follows."""
    lines = (error.diag.message_primary or str(error) or type(error).__name__).splitlines()
    return str(lines[0]).strip().rstrip(".")


def passwords_in(where: str) -> set[str]:
    """Return what may be a password in an address, as it stands there and decoded, however wrong the address is."""
    found = re.findall(r"//[^:@/]*:(.*)@", where)
    found += re.findall(rf"(?:{'|'.join(SECRETS)})\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]*)", where)
    found.append(os.environ.get("PGPASSWORD", ""))
    return {form for word in found for form in (word, word.strip("'"), unquote(word)) if form}
