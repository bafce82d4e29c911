# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ssh command of a host, made by Ansible's own plugins from an inventory; none is run.

That they are the arguments of an ordinary task is compared over real ssh by tests/fanout.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._asked_hosts import (
    MOST_KEPT,
    CantBeHonouredError,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.asker import Asker


def test_the_command_is_that_of_the_host(tmp_path: Path) -> None:
    """Variables are resolved and templated for each host by Ansible."""
    hosts = {
        "a": {"ansible_host": "{{ 'address-of-' ~ inventory_hostname }}", "ansible_port": 2222},
        "b": {"ansible_user": "bob", "ansible_ssh_retries": 3},
    }
    asker = Asker(tmp_path, hosts)
    a, b = asker.words("a"), asker.words("b")
    assert "address-of-a" in a and "Port=2222" in a and a[-1].startswith("/bin/sh -c ")
    assert "b" in b and 'User="bob"' in b and not [word for word in b if "Port" in word]
    assert asker.command("b").retries == 3 and asker.command("a").retries == 0


def test_hosts_share_a_connection_plugin_only_where_all_but_the_address_is_equal(tmp_path: Path) -> None:
    """Each plugin costs a tenth of a second or so; a mixed-up one would send a key or a user to another host."""
    users = {f"u{number}": {"ansible_user": f"user{number}"} for number in range(MOST_KEPT + 2)}
    asker = Asker(tmp_path, {**users, "a": {"ansible_host": "10.0.0.1"}, "b": {"ansible_host": "10.0.0.2"}})
    for turn in ("first", "again"):
        for name, variables in users.items():
            assert f'User="{variables["ansible_user"]}"' in asker.words(name), turn
    assert "10.0.0.1" in asker.words("a") and "10.0.0.2" in asker.words("b")
    assert not [word for word in asker.words("b") if word.startswith("User=") or word == "10.0.0.1"]


def test_becoming_another_user_is_a_talk_with_marks_of_this_command(tmp_path: Path) -> None:
    """The plugin is shared, so what it looks for is copied; a password goes to its host alone."""
    secret = {"ansible_become_password": "secret"}
    asker = Asker(tmp_path, {name: {"ansible_become": True, **more} for name, more in (("a", secret), ("b", {}))})
    first, other, again = (asker.command(name).escalation for name in ("a", "b", "a"))
    assert first is not None and other is not None and again is not None
    assert (first.password, other.password) == (b"secret", b"")
    assert first.become is not again.become and first.become.check_success(b"BECOME-SUCCESS-other\n") is False
    assert Asker(tmp_path, {"c": {}}).command("c").escalation is None


def test_a_key_on_a_token_is_left_to_ansible(tmp_path: Path) -> None:
    """What logs in with it is a talk with the token."""
    with pytest.raises(CantBeHonouredError, match="the key is on a token"):
        Asker(tmp_path, {"a": {"ansible_ssh_pkcs11_provider": "/lib/token.so", "ansible_password": "pin"}}).command("a")
