# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the history is kept, and how that is said."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

VARIABLE = "KERNEL_MEM_AUDIT_HISTORY"
"""The environment variable that names the store where no argument does: it can hold a secret, which an argument
should not.
"""

_SETTINGS = re.compile(r"(service|host|hostaddr|port|dbname|user|password|passfile)\s*=")
NONE = "none"
DEFAULT = os.path.join("reports", "history.sqlite3")


def history_location(given: str | None, environment: Mapping[str, str], working_folder: str) -> str | None:
    """Return the store to use (a URL or an absolute path), or None where there shall be none.

    The argument wins over the environment variable; without both it is a file beside the reports in the working folder.
    """
    where = (given or environment.get(VARIABLE) or DEFAULT).strip()
    if where.lower() == NONE:
        return None
    if is_url(where):
        return where
    return os.path.abspath(os.path.join(working_folder, os.path.expanduser(where)))


def is_url(where: str) -> bool:
    """Return whether a location is a URL or a libpq string, not a path."""
    return "://" in where or _SETTINGS.match(where) is not None
