# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks are checked before a host is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.hooks import check_hook


@pytest.mark.parametrize(
    "text",
    ["- name: Install\n  ansible.builtin.debug:\n", "- debug: {msg: !unsafe '{{ x }}'}\n", "$ANSIBLE_VAULT;1.1\n63"],
)
def test_a_list_of_tasks_is_a_hook(tmp_path: Path, text: str) -> None:
    """Also with tags of Ansible's own, and where only the vault can read it. The path starts at the folder."""
    (tmp_path / "hook.yml").write_text(text)
    check_hook("drain_tasks", "hook.yml", str(tmp_path))
    check_hook("drain_tasks", str(tmp_path / "hook.yml"), "/")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can't be read"),
        (b"- name: [", "is no YAML"),
        (b"tasks: []", "is no list of tasks"),
        (b"", "is no list of tasks"),
        (b"\xff", "no UTF-8"),
    ],
)
def test_what_can_not_be_run_is_said(tmp_path: Path, content: bytes | None, said: str) -> None:
    """With the variable that names it."""
    if content is not None:
        (tmp_path / "hook.yml").write_bytes(content)
    with pytest.raises(ValueError, match=f"kernel_mem_audit_undrain_tasks.*{said}"):
        check_hook("undrain_tasks", "hook.yml", str(tmp_path))


def test_only_the_upgrade_is_needed() -> None:
    """The others may be left out."""
    check_hook("drain_tasks", "", "/")
    with pytest.raises(ValueError, match="upgrade_tasks is not set"):
        check_hook("upgrade_tasks", "", "/")
