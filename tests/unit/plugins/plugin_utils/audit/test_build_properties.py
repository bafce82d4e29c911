# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit with records of any form: no host is lost, none is invented, nothing is raised."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json, hosts_csv
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown

POLICY = policy_of(None)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=12)


@st.composite
def broken_facts(draw):
    """Facts with one field, at any depth, replaced by anything."""
    facts = synthetic.facts("web1")
    place = facts
    key = draw(st.sampled_from(sorted(facts)))
    while isinstance(place[key], dict) and place[key] and draw(st.booleans()):
        place = place[key]
        key = draw(st.sampled_from(sorted(place)))
    place[key] = draw(ANYTHING)
    return facts


def records_for(name):
    good = st.just(synthetic.record(name))
    outcomes = st.sampled_from(["facts", "unreachable", "failed", "timed_out", "no_python", "not_linux", "no_answer"])
    messages = st.none() | st.text(st.characters(exclude_categories=[]), max_size=30)
    failed = st.builds(lambda outcome, message: synthetic.record(name, outcome, message), outcomes, messages)
    broken = broken_facts().map(lambda facts: synthetic.record(name, facts=facts))
    return (
        good | failed | broken | ANYTHING | ANYTHING.map(lambda anything: synthetic.record(name) | {"host": anything})
    )


@given(st.data())
def test_every_target_stands_exactly_once_in_the_audit_and_in_every_output(data):
    targets = data.draw(st.lists(NAMES, min_size=1, max_size=4))
    records = {name: data.draw(records_for(name)) for name in targets if data.draw(st.booleans())}
    audit = built(synthetic.run(tuple(targets)), records, POLICY)
    assert sorted(host["name"] for host in audit["hosts"]) == sorted(set(targets))
    assert (
        audit["counts"]["all"]["total"]
        == len(set(targets))
        == sum(audit["counts"]["all"][one] for one in ("ok", "warning", "critical", "unknown"))
    )
    assert all((host["verdict"] == "unknown") == (host["no_data"] is not None) for host in audit["hosts"])
    assert sorted(host["name"] for host in json.loads(audit_json.render(read(audit)))["hosts"]) == sorted(set(targets))
    assert hosts_csv.render(read(audit)).count("\r\n") == len(set(targets)) + 1
    assert report_html.render(read(audit)).encode("utf-8")
    assert all(line.isascii() and line.isprintable() for line in shown(read(audit), {}))
