# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of checks: every check has its words, and a policy knows it by its name."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.check import Check
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of


def test_policies_know_the_checks_by_the_same_names() -> None:
    """A severity, and a waiver."""
    waivers = [{"hosts": "*", "dimension": name, "reason": "Known.", "until": "2099-01-01"} for name in CHECKS]
    severities = {f"{name}.limit": "info" for name in CHECKS}
    policy = policy_of({"environments": {"production": {"severities": severities}}, "waivers": waivers})
    assert policy.environments["production"].severities == severities
    assert [waiver.dimension for waiver in policy.waivers] == list(CHECKS)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_every_check_has_words(check: Check) -> None:
    """A label, a meaning, and for each thing it may find a subject, a next step and a command for a shell."""
    assert CHECKS[check.name] is check
    assert check.label and check.meaning.endswith(".") and check.words
    for words in check.words:
        assert words.subject and words.next_step.endswith(".") and words.command
        subprocess.run(["sh", "-n", "-c", words.command], check=True)
