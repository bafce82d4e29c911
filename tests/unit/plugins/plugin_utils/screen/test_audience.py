# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that read what a run prints are not disturbed."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.audience import (
    QUIET,
    SUMMARY,
    Audience,
    audience_of,
)


@pytest.mark.parametrize(
    ("callback", "enabled", "audience"),
    [
        ("default", (), Audience.PEOPLE),
        ("ansible.builtin.default", (), Audience.PEOPLE),
        ("community.general.yaml", (), Audience.PEOPLE),
        ("awx_display", (), Audience.PEOPLE),
        ("ansible.posix.json", (), Audience.PROGRAM),
        ("ansible.posix.jsonl", (SUMMARY,), Audience.PROGRAM),
        ("acme.tools.pretty_json", (), Audience.PROGRAM),
        ("acme.tools.mine", (), Audience.UNKNOWN),
        ("default", (SUMMARY,), Audience.OURS),
        (QUIET, (), Audience.OURS),
    ],
)
def test_who_reads(callback: str, enabled: tuple[str, ...], audience: Audience) -> None:
    """A JSON document with a sentence before it is none, whoever else is enabled."""
    assert audience_of(callback, enabled) is audience
