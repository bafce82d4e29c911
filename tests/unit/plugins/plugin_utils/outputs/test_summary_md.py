# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""summary.md fits into a comment of a forge, with the news first; findings in a few words, whatever their kind."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import summary_md
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.labels import finding_phrase
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

RUN, RECORDS = synthetic.fleet(300, seed=4)
AUDIT = built(RUN, RECORDS, policy_of(None))
GIB, MIB = synthetic.GIB, synthetic.MIB


def test_the_verdict_is_the_title_and_the_counts_are_those_of_the_audit():
    text, counts = summary_md.render(read(AUDIT)), AUDIT["counts"]["all"]
    assert text.startswith(f"# Kernel memory: {AUDIT['decision']['sentence']}\n")
    assert (
        f"| **all** | {counts['critical']} | {counts['warning']} | {counts['unknown']} | {counts['ok']} | "
        f"{counts['total']} |" in text
    )


def test_every_finding_of_a_host_stands_in_its_row():
    host = next(host for host in AUDIT["hosts"] if len(host["findings"]) > 1)
    row = next(line for line in summary_md.render(read(AUDIT)).splitlines() if f"`{host['name']}`" in line)
    for finding in host["findings"]:
        assert finding_phrase(finding) in row


def test_what_changed_comes_before_the_counts():
    change = {
        "name": "web1",
        "dimension": "percpu",
        "kind": "limit",
        "severity": "critical",
        "was": None,
        "first_seen_at": None,
        "text": "Per-CPU rose.",
    }
    changes = {
        "previous_run_at": "2026-11-23T12:00:00Z",
        "new": [change] * 30,
        "worse": [],
        "better": [],
        "resolved": [],
        "ongoing": 1,
    }
    text = summary_md.render(read(AUDIT | {"changes": changes}))
    assert text.index("## What changed since 2026-11-23T12:00:00Z") < text.index("## Hosts")
    assert text.count("- New, critical: `web1` Per-CPU rose.") == 20 and "- and 10 more" in text


def test_it_fits_into_a_comment_whatever_the_audit():
    long = "long words " * 60
    group = {
        "dimension": "vmalloc",
        "kind": "limit",
        "severity": "critical",
        "hosts": ["a", "b"],
        "environments": ["p"],
        "explanation": long,
        "next_step": long,
        "command": "c" * 400,
        "shared": {
            "what": "role",
            "name": "x",
            "hosts_with": 5,
            "hosts_there": 6,
            "rate_percent": 83.3,
            "rest_rate_percent": 1.0,
            "sentence": "ä" * 9000,
        },
        "regression": False,
    }
    hosts = [
        {**host, "name": f"{number}" + "ö" * 300, "findings": host["findings"] * 90}
        for number, host in enumerate(AUDIT["hosts"])
    ]
    text = summary_md.render(read(AUDIT | {"groups": [group] * 50, "hosts": hosts, "notes": [long * 9] * 50}))
    assert len(text.encode("utf-8")) <= 60_000
    assert text.endswith("The rest does not fit in here; see the other files of the report.\n")


@pytest.mark.parametrize(
    ("finding", "phrase"),
    [
        ({}, "Unreclaimable slab 12 GiB (limit 8 GiB)"),
        ({"status": "long_standing"}, "Unreclaimable slab 12 GiB (limit 8 GiB, long-standing)"),
        (
            {"dimension": "kernel_stack", "unit": "threads", "value": 12000, "limit": 8000},
            "Kernel stacks 12,000 threads (limit 8,000)",
        ),
        (
            {"dimension": "kernel_stack", "unit": "bytes_per_thread", "value": 32768, "limit": 24576},
            "Kernel stacks 32 KiB per thread (limit 24 KiB)",
        ),
        (
            {
                "dimension": "percpu",
                "unit": "bytes_per_cpu",
                "kind": "disproportion",
                "value": 8 * MIB,
                "limit": MIB,
                "evidence": {"ratio": 9.12},
            },
            "Per-CPU 8 MiB per CPU, 9.1 times similar hosts (limit 1 MiB)",
        ),
        ({"kind": "disproportion", "evidence": {}}, "Unreclaimable slab 12 GiB, unlike similar hosts (limit 8 GiB)"),
        ({"kind": "growth", "evidence": {"window_days": 14}}, "Unreclaimable slab +12 GiB in 14 days (limit 8 GiB)"),
        (
            {"kind": "growth", "status": "suspected", "evidence": {"window_days": 1}},
            "Unreclaimable slab +12 GiB in 1 day (limit 8 GiB, suspected)",
        ),
        ({"kind": "growth", "status": "levelling_off"}, "Unreclaimable slab +12 GiB (levelling off)"),
        ({"kind": "spike"}, "Unreclaimable slab rose to 12 GiB (usual: at most 8 GiB)"),
        (
            {"kind": "drop", "value": GIB, "limit": 2 * GIB, "status": "suspected"},
            "Unreclaimable slab fell to 1 GiB (usual: at least 2 GiB, suspected)",
        ),
        (
            {"dimension": "fragmentation", "unit": "percent", "value": 97.31, "limit": 95},
            "Free memory in small pieces 97.3 % (limit 95 %)",
        ),
        (
            {"dimension": "dying_cgroups", "unit": "count", "value": 12345, "limit": 2000},
            "Ended control groups 12,345 (limit 2,000)",
        ),
        (
            {
                "dimension": "object_limits",
                "unit": "count",
                "value": 9,
                "limit": 8,
                "evidence": {"object": "conntrack"},
            },
            "Tracked connections 9 (limit 8)",
        ),
        ({"dimension": "brand_new", "unit": "somethings", "value": 9, "limit": 8}, "Brand new 9 somethings (limit 8)"),
    ],
)
def test_a_finding_in_a_few_words(finding, phrase):
    assert finding_phrase(synthetic.finding(**finding)) == phrase
