# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run fails by what its audit found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.consolidated import counts_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.failure import failure
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.hosts import Hosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import no_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, entries_of, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.entries import entry


def audit(*severities: str, missing: str | None = None) -> Audit:
    """An audit of hosts with findings of these severities, and of one that has no data for a reason."""
    hosts = entries_of(
        entry(f"web{number}", [synthetic.finding(severity=severity)]) for number, severity in enumerate(severities)
    )
    if missing is not None:
        hosts.append(replace(Entry("gone", "production", "default", ()), no_data=no_data(missing, "gone")))
    base = read(built(synthetic.run(("web1",)), {}, policy_of(None)))
    return replace(base, hosts=Hosts(hosts), counts=counts_of(hosts))


@pytest.mark.parametrize(
    ("made", "fail_on", "fails"),
    [
        (audit("critical"), [], False),
        (audit("critical"), ["critical"], True),
        (audit("warning"), ["critical"], False),
        (audit("warning"), ["warning"], True),
        (audit(missing="unreachable"), ["unknown"], True),
        (audit(missing="shared_kernel"), ["unknown"], False),
        (audit(missing="not_auditable"), ["unknown"], True),
        (audit(), ["critical", "warning", "unknown"], False),
    ],
)
def test_failure_follows_fail_on(made: Audit, fail_on: list[str], fails: bool) -> None:
    """A name for a kernel that is judged under another name is not missing; all else without data is."""
    sentence = failure(made, fail_on)
    assert (sentence is not None) is fails
    assert sentence is None or sentence.startswith("The audit was made, and fails")
