# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_history, and which of them belong together. A test holds them equal to the
documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .importers.to_samples import SOURCES, WITH_URL

EXPORT = "export"
OPERATIONS = ("info", "import", "prune", "verify", "rebuild", EXPORT, "replay")
MAXIMUM_DAYS = 3650


def history_argument_spec() -> dict[str, dict[str, Any]]:
    """Return the argument specification of kernel_memory_history."""
    return {
        "operation": {"type": "str", "choices": list(OPERATIONS), "default": "info"},
        "store": {"type": "str"},
        "source": {"type": "str", "choices": [*SOURCES, EXPORT]},
        "files": {"type": "list", "elements": "path", "default": []},
        "content": {"type": "list", "elements": "str", "default": []},
        "url": {"type": "str"},
        "days": {"type": "int", "default": 30},
        "host": {"type": "str"},
        "names": {"type": "dict", "default": {}},
        "keep_days": {"type": "int", "default": 90},
        "keep_history_days": {"type": "int", "default": 400},
        "dest": {"type": "path"},
        "policy": {"type": "raw"},
        "environment": {"type": "str", "default": "production"},
        "since_days": {"type": "int", "default": 30},
    }


def check_history_arguments(arguments: Mapping[str, Any]) -> None:
    """Raise ValueError where arguments are missing, or don't go together."""
    for name in ("days", "keep_days", "keep_history_days", "since_days"):
        if not 1 <= arguments[name] <= MAXIMUM_DAYS:
            raise ValueError(f"{name} is {arguments[name]}; give a number of days from 1 to {MAXIMUM_DAYS}.")
    if arguments["operation"] == EXPORT and not arguments["dest"]:
        raise ValueError("The operation export needs dest, the file that it writes.")
    if arguments["operation"] != "import":
        return
    if not arguments["source"]:
        raise ValueError(f"The operation import needs source: {', '.join((*SOURCES, EXPORT))}.")
    given = [name for name in ("files", "content", "url") if arguments[name]]
    if len(given) != 1:
        raise ValueError("The operation import needs exactly one of files, content and url.")
    if given == ["url"]:
        if arguments["source"] not in WITH_URL:
            raise ValueError(f"url is for {' and '.join(WITH_URL)}; for {arguments['source']} give files or content.")
        if not arguments["url"].startswith(("http://", "https://")):
            raise ValueError(f"url is {arguments['url'][:100]!r}; give one that begins with http:// or https://.")
