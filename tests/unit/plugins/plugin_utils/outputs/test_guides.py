# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/outputs.md says what is written: every output, every metric, every column it names, and only schemas and
examples that exist.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import compare, metrics_prom, write
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.outputs.prometheus_text import (
    samples_of,
)

DOCS = Path(__file__).parents[5] / "docs"
GUIDE = (DOCS / "outputs.md").read_text(encoding="utf-8")


def test_every_output_is_in_the_table():
    assert re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", GUIDE, re.MULTILINE) == [
        "audit.json",
        "report.html",
        "hosts.csv",
        "findings.csv",
        "hosts.jsonl",
        "summary.md",
        "junit.xml",
        "metrics.prom",
    ]
    assert set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", GUIDE, re.MULTILINE)) == set(write.RENDERERS)


def test_every_metric_is_there_with_its_labels():
    run, records = synthetic.fleet(60)
    samples = samples_of("".join(metrics_prom.pieces(read(built(run, records, policy_of(None))))))
    written = {(sample.name, frozenset(label for label, _value in sample.labels)) for sample in samples}
    rows = re.findall(r"^\| `(kernel_memory_audit_\w+)` \|([^|]*)\|", GUIDE, re.MULTILINE)
    assert {(name, frozenset(re.findall(r"`(\w+)`", labels))) for name, labels in rows} == written


def test_every_list_of_a_comparison_is_explained():
    text = (DOCS / "merge-and-compare.md").read_text(encoding="utf-8")
    for name in (*compare.LISTS, *compare.NAMES):
        assert f"`{name}`" in text


@pytest.mark.parametrize("name", ["outputs.md", "merge-and-compare.md", "deliver.md"])
def test_every_link_leads_somewhere(name):
    for target in re.findall(r"\]\(([^)#]+)", (DOCS / name).read_text(encoding="utf-8")):
        assert (DOCS / target).exists(), target
