# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of kernel_memory_history that don't go together are refused before anything is read, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._history_arguments import (
    check_history_arguments,
    history_argument_spec,
)


def given(**arguments: Any) -> dict[str, Any]:
    """Return the arguments of a task with their defaults."""
    return {name: one.get("default") for name, one in history_argument_spec().items()} | arguments


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"operation": "import"}, "needs source"),
        ({"operation": "import", "source": "netdata"}, "exactly one of files, content, url and results"),
        ({"operation": "import", "source": "sysstat", "url": "http://s/"}, "for sysstat give files or content"),
        ({"operation": "import", "source": "prometheus", "url": "s:9090"}, "begins with http:// or https://"),
        ({"operation": "read", "source": "netdata", "host": "web1"}, "needs url for netdata"),
        ({"operation": "export"}, "needs dest"),
        ({"since_days": 0}, "since_days is 0; give a number of days from 1"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments: dict[str, Any], sentence: str) -> None:
    """One sentence says what to give."""
    with pytest.raises(ValueError, match=sentence):
        check_history_arguments(given(**arguments))


@pytest.mark.parametrize("name", ["client_key", "client_cert"])
def test_a_half_of_the_credentials_may_be_in_the_environment(name: str) -> None:
    """What arguments alone can't tell is not refused by them: the client looks at both."""
    url = {"source": "prometheus", "url": "https://prometheus.example.org"}
    check_history_arguments(given(operation="import", **url, **{name: "/f.pem"}))
