# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay: stored samples are judged as if each were the newest, and an alarm counts once, on the day on which it
begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging import replay as _replay
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    Sample,
    Series,
    key_of,
    row_of,
    sample_of,
    series_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, facts_of

DAY = 86400
BEGIN = 20_000 * DAY
MIB, GIB = 1024**2, 1024**3


def sample(day: int, unreclaimable: int = 512 * MIB) -> Sample:
    """The sample of a day of the healthy 64 GiB host, which has been up since ten days before the first."""
    made = sample_of("web1", facts_of(slab_unreclaimable_bytes=unreclaimable), BEGIN)
    return replace(made, collected_at=BEGIN + day * DAY, uptime_seconds=(day + 10) * DAY)


def history(*samples: Sample) -> Series:
    """Samples as a series."""
    return series_of("web1", [row_of(one) for one in samples])


HIGH = Finding(
    "slab_unreclaimable", "limit", "warning", "current", 2 * GIB, GIB, "bytes", "1 GiB", "It is high.", "Look.", "true"
)


def above_one_gib(now: Sample, _earlier: Series) -> Sequence[Finding]:
    """A rule of one line."""
    return [HIGH] if (now.amounts["slab_unreclaimable"] or 0) > GIB else []


def test_an_alarm_counts_when_it_begins_and_again_when_it_comes_back() -> None:
    """Days on which it merely goes on are no new alarm."""
    amounts = [512 * MIB, 2 * GIB, 2 * GIB, 512 * MIB, 2 * GIB]
    found = _replay.replay([history(*(sample(day, amount) for day, amount in enumerate(amounts)))], {}, above_one_gib)
    assert [alarm.day for alarm in found.alarms] == ["2024-10-05", "2024-10-08"]
    assert (found.hosts, found.samples, found.host_days) == (1, 5, 5)
    assert found.rates() == {"warning": 400.0, "critical": 0.0}
    assert found.by_day()[0] == _replay.Day("2024-10-05", warning=1, critical=0, hosts=("web1",))


def test_only_the_days_asked_for_count() -> None:
    """What was already so before is new on the first day that is judged."""
    found = _replay.replay(
        [history(*(sample(day, 2 * GIB) for day in range(5)))], {}, above_one_gib, since=BEGIN + 3 * DAY
    )
    assert ([alarm.day for alarm in found.alarms], found.samples) == (["2024-10-07"], 2)


def test_a_rule_sees_what_lies_before_and_nothing_of_what_comes_after() -> None:
    """Else a replay would be wiser than any audit was."""
    seen = []

    def look(now: Sample, earlier: Series) -> Sequence[Finding]:
        seen.append((now.collected_at, list(earlier.columns["collected_at"])))
        return ()

    _replay.replay([history(sample(0), sample(1), sample(2))], {}, look)
    days = [BEGIN, BEGIN + DAY, BEGIN + 2 * DAY]
    assert seen == [(days[0], []), (days[1], days[:1]), (days[2], days[:2])]


def test_a_sample_comes_back_from_its_series() -> None:
    """Whatever a rule is given must be what was measured."""
    one = sample(3)
    back = _replay.sample_at(history(one), 0, {key_of(one.kernel): one.kernel})
    # A store keeps not the name of the boot.
    assert replace(back, boot_id=None) == replace(one, boot_id=None)


def test_the_built_in_rules_find_a_leak_in_stored_samples_once() -> None:
    """Half a percent of RAM a day, for forty days: it must be found, and not every day anew."""
    judge = _replay.judge_by(BUILT_IN, "production")
    leak = history(*(sample(day, 512 * MIB + day * 330 * MIB) for day in range(40)))
    found = _replay.replay([leak, history(*(sample(day) for day in range(40)))], {}, judge)
    growth = [alarm for alarm in found.alarms if (alarm.dimension, alarm.kind) == ("slab_unreclaimable", "growth")]
    assert 1 <= len(growth) <= 2, "a warning, and later perhaps a critical"
    healthy = _replay.replay([history(*(sample(day) for day in range(40)))], {}, judge)
    assert healthy.alarms == []


def test_waivers_and_the_environments_of_groups_count() -> None:
    """A replay without them would promise alarms that nobody would have got, and hide others."""
    policy = policy_of(
        {
            "environments": {
                "lab": {"based_on": "production", "groups": ["lab"], "limits": {"slab_unreclaimable": "none"}}
            },
            "waivers": [{"hosts": "web1", "dimension": "slab_unreclaimable", "reason": "known", "until": "2024-10-05"}],
        }
    )
    past = history(*(sample(day, 30 * GIB) for day in range(4)))

    def days(groups: dict[str, list[str]] | None) -> list[str]:
        found = _replay.replay([past], {}, _replay.judge_by(policy, "production", groups=groups))
        return [alarm.day for alarm in found.alarms if (alarm.dimension, alarm.kind) == ("slab_unreclaimable", "limit")]

    assert days(None) == ["2024-10-06"], "the waiver counts through its day"
    assert days({"web1": ["lab"]}) == []


def test_what_a_replay_can_not_look_at_is_said() -> None:
    """In silence it would be read as an audit's judgement."""
    assert len(_replay.left_out(BUILT_IN, {})) == 1
    assert "give match_inventory" in _replay.left_out(BUILT_IN, None)[-1]


def test_an_unknown_environment_is_said() -> None:
    """With the nearest right name."""
    with pytest.raises(ValueError, match="production"):
        _replay.judge_by(BUILT_IN, "prodution")
