# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's variables say of how it is asked, as Ansible resolves them; and what can't be honoured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._asked_hosts import (
    MOST_KEPT,
    CantBeHonouredError,
    forget_the_oldest,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.asker import Asker


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"ansible_connection": "local"}, "the connection is not ssh"),
        ({"ansible_shell_type": "powershell"}, "the shell of the host is not sh"),
        ({"ansible_become": True, "ansible_become_method": "doas"}, "the become method is doas"),
        ({"kernel_mem_audit_deadline": 0}, "one of its settings is wrong"),
        ({"kernel_mem_audit_gather_subset": "nothing"}, "one of its settings is wrong"),
        *(({"kernel_mem_audit_timeout": value}, "it has no timeout") for value in (0, -1, "soon", "nan", "inf")),
    ],
)
def test_what_an_ssh_client_can_not_do_is_said(tmp_path: Path, variables: dict[str, Any], reason: str) -> None:
    """The host goes the ordinary way, and the report gives the reason; a timeout that never comes is none."""
    with pytest.raises(CantBeHonouredError, match=reason):
        Asker(tmp_path, {"a": variables}).hosts.host("a")


def test_facts_are_asked_for_as_the_variables_say(tmp_path: Path) -> None:
    """The arguments are those of the module, checked and with its defaults."""
    given = {"kernel_mem_audit_transport": "shell", "kernel_mem_audit_environment": "staging"}
    host = Asker(tmp_path, {"a": {**given, "kernel_mem_audit_timeout": "12.5"}}).hosts.host("a")
    assert (host.wanted.transport, host.wanted.audit_environment) == ("shell", "staging")
    assert host.wanted.proc_root == "/proc" and host.timeout == 12.5 and host.groups == ("ungrouped",)


def test_of_many_sets_of_settings_the_last_are_kept(tmp_path: Path) -> None:
    """Each host may have its own; 4,000 of them are no reason to keep 4,000."""
    roots = {f"h{number}": {"kernel_mem_audit_proc_root": f"/saved/{number}"} for number in range(MOST_KEPT + 2)}
    hosts = Asker(tmp_path, roots).hosts
    for _turn in range(2):
        assert [hosts.host(name).wanted.proc_root for name in roots] == [f"/saved/{n}" for n in range(MOST_KEPT + 2)]
    kept: dict[str, object] = {str(number): number for number in range(MOST_KEPT)}
    forget_the_oldest(kept)
    assert len(kept) == MOST_KEPT - 1 and "0" not in kept
