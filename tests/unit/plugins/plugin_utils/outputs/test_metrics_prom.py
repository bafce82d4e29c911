# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""metrics.prom holds what the audit holds, read by a parser of its format."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import metrics_prom
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.outputs.prometheus_text import (
    samples_of,
)

RUN, RECORDS = synthetic.fleet(200, seed=4)
AUDIT = built(RUN, RECORDS, policy_of(None))


def metrics(audit=None):
    return samples_of("".join(metrics_prom.pieces(read(audit or AUDIT))))


def test_metrics_count_hosts_as_the_audit_does():
    for environment, counts in AUDIT["counts"]["by_environment"].items():
        for verdict in ("ok", "warning", "critical", "unknown"):
            labels = (("environment", environment), ("verdict", verdict))
            assert [
                sample.value
                for sample in metrics()
                if sample.name == "kernel_memory_audit_hosts" and sample.labels == labels
            ] == [counts[verdict]]


def test_metrics_have_each_known_amount_of_each_host_and_no_other():
    found = {
        (dict(one.labels)["host"], dict(one.labels)["dimension"]): one.value
        for one in metrics()
        if one.name == "kernel_memory_audit_host_bytes"
    }
    expected = {
        (host["name"], name.removesuffix("_bytes")): amount
        for host in AUDIT["hosts"]
        if host["dimensions"]
        for name, amount in {
            **host["dimensions"],
            "kernel_total_bytes": host["kernel_total_bytes"],
            "kernel_unreclaimable_bytes": host["kernel_unreclaimable_bytes"],
        }.items()
        if amount is not None
    }
    assert found == expected


def test_metrics_do_not_invent_a_zero_for_what_is_not_known():
    audit = built(synthetic.run(("a", "b")), {"a": synthetic.record("a")}, policy_of(None))
    audit["hosts"][1]["dimensions"]["percpu_bytes"] = None
    found = [dict(sample.labels) for sample in metrics(audit) if sample.name == "kernel_memory_audit_host_bytes"]
    assert {labels["host"] for labels in found} == {"a"} and not any(
        labels["dimension"] == "percpu" for labels in found
    )


def test_metrics_say_when_the_audit_was_made():
    (sample,) = (sample for sample in metrics() if sample.name.endswith("generated_timestamp_seconds"))
    assert sample.value == 1795521630
