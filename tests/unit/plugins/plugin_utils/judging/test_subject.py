# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as it is judged: the same for an audit, the gate and classify."""

from __future__ import annotations

from datetime import date

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import judge_fleet
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.subject import subject_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import utc_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, series_before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, NOW, facts_of

SLAB = "slab_unreclaimable"
TODAY = date(2026, 11, 24)


def test_a_host_has_the_settings_of_its_environment_and_the_profiles_that_fit() -> None:
    """And the groups that waivers ask for."""
    profile = {"name": "web", "match": "contains(groups, 'web')", "severities": {f"{SLAB}.*": "warning"}}
    policy = policy_of({"profiles": [profile]})
    remarks: list[str] = []
    made = subject_of("web1", facts_of(), policy, "staging", groups=("web",), now=NOW, remarks=remarks)
    assert (made.name, made.environment, made.groups, made.profiles) == ("web1", "staging", ("web",), ("web",))
    assert made.settings.most_severe(SLAB, "limit") == "warning"
    assert remarks == []


def test_a_copy_is_judged_by_what_was_before_it() -> None:
    """What the host showed later is no past of a copy that was made ten days ago: slab grew only since then."""
    series = series_before(days_of(SLAB, [600] * 21 + [600 + 400 * day for day in range(1, 11)]))
    ten_days_ago = utc_text(NOW - 10 * 86400)
    shape = {"boot_id": "one", "uptime_seconds": 90 * 86400, "slab_unreclaimable_bytes": 5 * GIB // 8}
    made = {
        saved: subject_of(
            "web1",
            facts_of(collected_at=ten_days_ago, saved=saved, transport="lean", **shape),
            policy_of(None),
            "production",
            groups=(),
            now=NOW,
            remarks=[],
        )
        for saved in (True, False)
    }
    copy = judge_fleet([made[True]], [series], (), TODAY).hosts["web1"]
    assert SLAB not in {one.dimension for one in copy.findings} and copy.history is not None
    assert copy.history.baselines[SLAB].high_bytes == 600 * 2**20
    live = judge_fleet([made[False]], [series], (), TODAY).hosts["web1"]
    assert live.history is not None and (live.history.baselines[SLAB].high_bytes or 0) > GIB
