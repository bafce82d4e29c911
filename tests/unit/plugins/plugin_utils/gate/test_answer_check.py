# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of a host without a change."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer_check import answer_check
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    SICK,
    before_look,
    judgement,
    lost_look,
    settings,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB


def test_check_judges_what_is_there_now() -> None:
    """For pipelines that gate a fleet and no change."""

    def check(one: dict[str, Any], **changes: Any) -> str:
        return str(answer_check(one, judgement(one), settings(**changes))["outcome"])

    assert check(before_look()) == "good"
    assert check(before_look(**SICK)) == "bad"
    assert check(before_look(slab_unreclaimable_bytes=7 * GIB)) == "bad"
    assert check(before_look(slab_unreclaimable_bytes=7 * GIB), blocking_severity="critical") == "good"
    assert check(lost_look()) == "bad"
