# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables that a run was given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.given import (
    KNOWN,
    PREFIX,
    check_hosts_in_time,
    check_names,
)

ROOT = Path(__file__).parents[5]


def test_every_variable_of_the_playbooks_and_the_role_is_known() -> None:
    """A new one would be refused as a misspelt old one."""
    texts = [path.read_text() for folder in ("playbooks", "roles") for path in (ROOT / folder).rglob("*.yml")]
    named = {name for text in texts for name in re.findall(rf"\b{PREFIX}([a-z_]*[a-z])", text)}
    assert named - KNOWN == set()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("expected_kernal", "expected_kernel"), ("undrain_task", "undrain_tasks"), ("gate_phaze", "gate_phase")],
)
def test_a_misspelt_name_is_refused_with_the_right_one(wrong: str, right: str) -> None:
    """Whoever reads it knows what to type."""
    with pytest.raises(ValueError, match=f"{PREFIX}{wrong} is no variable.*did you mean {PREFIX}{right}"):
        check_names(["ansible_user", f"{PREFIX}hosts", f"{PREFIX}{wrong}"])


def test_variables_of_ones_own_are_left_alone() -> None:
    """Somebody may use the prefix for their own hooks."""
    check_names([f"{PREFIX}our_balancer_pool", "kernel_mem", "x"])


def test_the_pattern_of_hosts_must_come_in_time() -> None:
    """From the command line or the play it does, from the inventory it does not."""
    check_hosts_in_time("web", "web")
    check_hosts_in_time(None, None)
    with pytest.raises(ValueError, match="too late to choose hosts"):
        check_hosts_in_time("web", None)
