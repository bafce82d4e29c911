# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines that people copy."""

from __future__ import annotations

import shlex

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.commands import investigate_command


@pytest.mark.parametrize("host", ["web1", "web 1", "x; rm -rf /", "$(reboot)", "a'b"])
def test_a_host_is_one_word_of_the_shell(host: str) -> None:
    """An inventory may name a host as it likes, and somebody pastes the line."""
    assert shlex.split(investigate_command(host)) == [
        "ansible-playbook",
        "fleetaudit.kernel_memory.investigate",
        "--limit",
        host,
        "--become",
    ]
