# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_history, and which of them belong together. A test holds them equal to the
documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .importers.reading import SOURCES, WITH_URL

EXPORT = "export"
OPERATIONS = ("info", "import", "read", "prune", "verify", "rebuild", EXPORT, "replay")
MAXIMUM_DAYS = 3650

Arguments = Mapping[str, Any]
"""The arguments of a task, checked against the specification."""


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
        "name_pattern": {"type": "str"},
        "match_inventory": {"type": "bool", "default": False},
        "results": {"type": "str"},
        "selector": {"type": "str", "default": ""},
        "token": {"type": "str", "no_log": True},
        "headers": {"type": "dict", "no_log": True, "default": {}},
        "ca_path": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "keep_days": {"type": "int", "default": 90},
        "keep_history_days": {"type": "int", "default": 400},
        "dest": {"type": "path"},
        "policy": {"type": "raw"},
        "environment": {"type": "str", "default": "production"},
        "since_days": {"type": "int", "default": 30},
    }


def check_history_arguments(arguments: Arguments) -> None:
    """Raise ValueError where arguments are missing, or don't go together."""
    for name in ("days", "keep_days", "keep_history_days", "since_days"):
        if not 1 <= arguments[name] <= MAXIMUM_DAYS:
            raise ValueError(f"{name} is {arguments[name]}; give a number of days from 1 to {MAXIMUM_DAYS}.")
    if arguments["operation"] == EXPORT and not arguments["dest"]:
        raise ValueError("The operation export needs dest, the file that it writes.")
    if arguments["operation"] == "read":
        _check_read(arguments)
    elif arguments["operation"] == "import":
        _check_import(arguments)


def _check_read(arguments: Arguments) -> None:
    if arguments["source"] not in ("sysstat", "netdata") or not arguments["host"]:
        raise ValueError("The operation read needs source, which is sysstat or netdata, and host.")
    if (arguments["source"] == "netdata") != bool(arguments["url"]):
        raise ValueError("The operation read needs url for netdata, and takes none for sysstat.")
    _check_url(arguments)


def _check_import(arguments: Arguments) -> None:
    if not arguments["source"]:
        raise ValueError(f"The operation import needs source: {', '.join((*SOURCES, EXPORT))}.")
    given = [name for name in ("files", "content", "url", "results") if arguments[name]]
    if len(given) != 1:
        raise ValueError("The operation import needs exactly one of files, content, url and results.")
    pattern_of(arguments)
    _check_url(arguments)


def _check_url(arguments: Arguments) -> None:
    if not arguments["url"]:
        return
    if arguments["source"] not in WITH_URL:
        raise ValueError(f"url is for {' and '.join(WITH_URL)}; for {arguments['source']} give files or content.")
    if not arguments["url"].startswith(("http://", "https://")):
        raise ValueError(f"url is {arguments['url'][:100]!r}; give one that begins with http:// or https://.")


def pattern_of(arguments: Arguments) -> re.Pattern[str] | None:
    """Return the user's rule for names. Raises ValueError where it is no regular expression with a group."""
    text = arguments["name_pattern"]
    if not text:
        return None
    try:
        pattern = re.compile(text)
    except re.error as exc:
        raise ValueError(f"name_pattern is {text[:100]!r}, which is no regular expression: {exc}.") from None
    if not pattern.groups:
        raise ValueError(
            f"name_pattern is {text[:100]!r}; put parentheses around the part that is the inventory's name of the host."
        )
    return pattern
