# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hosts of a rollout in one environment: how many there are, who of them is bad, and what a test of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .before_after import amounts_of
from .host_record import HostAnswer, HostRecord, Records, is_facts
from .host_state import HostState
from .json_files import Plain
from .regression import cohort_test, paired_test
from .run import GateRun


@dataclass(frozen=True)
class Pool:
    """The records of one environment, and its gate settings."""

    records: Sequence[HostRecord]
    settings: Mapping[str, Any]

    @property
    def is_small(self) -> bool:
        """Whether too few hosts will ever be changed for a test of them against themselves."""
        rule = self.settings["regression"]
        return rule is not None and len(self.records) < rule["minimum_hosts"]

    def bad(self, answers: Mapping[str, HostAnswer]) -> list[str]:
        """Return all hosts that are bad in this rollout or by *answers*, also those that could not be touched."""
        return sorted(
            record.host
            for record in self.records
            if _is_bad(record) or answers.get(record.host, {}).get("outcome") == "bad"
        )

    def tests(self) -> Plain:
        """Test all hosts that the rollout has changed so far. A host that was sick before is neither a reference nor a
        control.
        """
        comparisons, unchanged = [], []
        for record in self.records:
            if record.sick:
                continue
            after, before = record.after_answer, record.reference
            comparison = None if after is None else after.get("comparison")
            if comparison and not record.state.is_untouched and comparison["kernel_changed"]:
                comparisons.append(comparison)
            elif record.state.is_untouched and before is not None and is_facts(before):
                memory = before["facts"]["host"]["memory_total_bytes"]
                unchanged.append({"memory_total_bytes": memory, "amounts": amounts_of(before["facts"])})
        return {
            "paired": paired_test(comparisons, self.settings),
            "cohort": cohort_test(comparisons, unchanged, self.settings),
        }


def pools_of(run: GateRun, records: Records) -> dict[str, Pool]:
    """Return the hosts of a rollout by environment."""
    return {
        environment: Pool(members, run.settings(environment))
        for environment, members in run.by_environment(records.values()).items()
    }


def _is_bad(record: HostRecord) -> bool:
    before = record.before_answer
    is_unfit = record.state is HostState.LEFT_OUT and (before is None or before["outcome"] == "bad")
    return record.state is HostState.FAILED or is_unfit
