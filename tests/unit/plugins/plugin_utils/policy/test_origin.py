# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy in force on a host, with where each value comes from."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.origin import policy_in_force
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.source import written_policy
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts

FACTS = checked_facts(healthy_facts())
POLICY = """\
name: our fleet
default_environment: staging
environments:
  production:
    groups: [prod]
    limits:
      slab_unreclaimable:
        warning: {percent_of_ram: 10, at_least: 1 GiB}
        critical: {at_least: 2 GiB}
      page_tables:
        critical: none
      percpu: none
    severities:
      page_tables.spike: info
  databases:
    groups: [oracle]
    based_on: production
    limits:
      page_tables:
        critical: {percent_of_ram: 15}
    similar_hosts: none
profiles:
  - name: large
    match: host.memory_total_bytes >= `68719476736`
    growth:
      vmalloc: {watch: none}
waivers:
  - {hosts: "web*", dimension: vmalloc, reason: ticket 12, until: 2027-01-31}
"""


@pytest.fixture
def found(tmp_path):
    path = tmp_path / "policy.yml"
    path.write_text(POLICY)
    return written_policy(str(path), "/")


def test_each_value_has_its_origin_with_the_line(found):
    answer = policy_in_force(found, FACTS, "web1", ["oracle"])
    assert (answer["policy"], answer["environment"], answer["environment_source"]) == (
        "our fleet",
        "databases",
        "group oracle",
    )
    assert (answer["profiles"], answer["profiles_tried"]) == (["large"], True)
    origins = answer["origins"]
    assert origins["limits.slab_unreclaimable.warning.percent_of_ram"] == "production, line 8"
    assert origins["limits.slab_unreclaimable.warning.at_most"] == "built-in production"
    assert origins["limits.percpu.warning"] == "production, line 12"
    assert origins["limits.page_tables.critical.percent_of_ram"] == "databases, line 20"
    assert origins['severities."page_tables.spike"'] == "production, line 14"
    assert origins["similar_hosts"] == "databases, line 21"
    assert origins["growth.vmalloc.watch"] == "profile large, line 26"
    assert origins["growth.vmalloc.warning.at_least"] == "built-in production"
    assert origins["history.minimum_samples"] == "built-in production"
    assert [waiver["reason"] for waiver in answer["waivers"]] == ["ticket 12"]


def test_a_level_that_was_off_and_is_on_again_takes_the_rest_from_production(found):
    answer = policy_in_force(found, FACTS, "web1", ["oracle"])
    assert answer["settings"]["limits"]["page_tables"]["critical"]["percent_of_ram"] == 15
    assert answer["origins"]["limits.page_tables.critical.at_least"] == "built-in production"


def test_the_last_profile_that_sets_a_value_is_its_origin():
    both = [{"name": name, "match": "`true`", "limits": {"percpu": "none"}} for name in ("first", "last")]
    answer = policy_in_force(written_policy({"profiles": both}, "/"), FACTS, "web1", [])
    assert answer["origins"]["limits.percpu.warning"] == "profile last"


def test_every_value_in_force_has_an_origin(found):
    answer = policy_in_force(found, FACTS, "web1", ["oracle"])

    def leaves(value):
        return sum(leaves(below) for below in value.values()) if isinstance(value, dict) else 1

    assert len(answer["origins"]) == leaves(answer["settings"])


def test_without_facts_profiles_are_not_tried_and_the_answer_says_so(found):
    answer = policy_in_force(found, None, "db1", [])
    assert (answer["environment"], answer["environment_source"]) == ("staging", "default")
    assert (answer["profiles"], answer["profiles_tried"]) == ([], False)
    assert "not tried" in answer["lines"][1]
    assert set(answer["origins"].values()) == {"built-in staging"}
    assert policy_in_force(written_policy(None, "/"), None, "db1", [])["profiles_tried"] is True


def test_a_policy_in_a_variable_has_no_lines():
    found = written_policy({"environments": {"staging": {"limits": {"vmalloc": "none"}}}}, "/")
    answer = policy_in_force(found, FACTS, "web1", ["staging"])
    assert (answer["source"], answer["origins"]["limits.vmalloc.warning"]) == ("variable", "staging")


def test_the_lines_say_what_holds_and_what_is_not_built_in(found):
    lines = policy_in_force(found, FACTS, "web1", ["oracle"])["lines"]
    assert lines[0].startswith("web1 is judged as databases (group oracle) by the policy 'our fleet' (/")
    assert lines[1] == "Profiles: large. What has no [origin] is built-in production."
    for line in (
        "  slab_unreclaimable    warning   10 % of RAM, at least 1 GiB, at most 32 GiB  [production, line 8: "
        "percent_of_ram, at_least]",
        "  vmalloc               warning   4 % of RAM, at least 512 MiB, at most 32 GiB",
        "  percpu                          off  [production, line 12]",
        "  vmalloc               watch     off  [profile large, line 26]",
        "similar_hosts: off  [databases, line 21]",
        "  page_tables.spike  info  [production, line 14]",
        "waiver until 2027-01-31: vmalloc: ticket 12",
    ):
        assert line in lines
    assert any(line.split()[:3] == ["noise.at_least", "64", "MiB"] for line in lines)
    sudden = lines[lines.index("level (sudden changes):") :]
    assert any(line.split()[:2] == ["vmalloc", "warning"] for line in sudden)
    assert max(map(len, lines[1:])) <= 175


def test_a_hostile_name_stays_one_line(found):
    lines = policy_in_force(found, FACTS, "a\n\x1b[31mb", [])["lines"]
    assert all(line.isprintable() for line in lines)
