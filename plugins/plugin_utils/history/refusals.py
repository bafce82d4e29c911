# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a store that can't be opened as somebody wants it, by every engine alike."""

from __future__ import annotations

from .store import SCHEMA_VERSION, HistoryError


def other_version(name: str, version: int) -> HistoryError:
    """Return what is said of a store that a newer release made."""
    return HistoryError(
        f"The history {name} was made by a newer release of this collection (schema {version}; this one knows up to "
        f"{SCHEMA_VERSION}), so it was left as it is; update the collection on this controller."
    )


def nothing_there(name: str) -> HistoryError:
    """Return what is said of a store that nothing is in yet."""
    return HistoryError(f"There is nothing in the history {name} yet; an audit makes it.")


def to_be_read(name: str, version: int) -> str:
    """Return what is said to somebody who writes to an older store that was opened to be read."""
    return (
        f"The history {name} is of schema {version} and was opened to be read, so nothing was written to it; an audit "
        f"brings it to schema {SCHEMA_VERSION}."
    )
