# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A comparison of two audits as files, lines and a section: worse first, nothing silently left out."""

from __future__ import annotations

import copy
import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import compare
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.audit.test_compare import (
    PERCPU,
    SLAB,
    audit,
)


def test_the_terminal_stays_short_and_says_how_many_are_not_shown():
    many = tuple(f"h{number:03}" for number in range(300))
    run = built(synthetic.run(many), {name: synthetic.record(name) for name in many}, policy_of(None))
    worse = copy.deepcopy(run)
    for number, host in enumerate(worse["hosts"]):
        host["findings"] = [SLAB | {"severity": ("critical", "warning", "info")[number % 3]}]
    better = copy.deepcopy(worse)
    for number, host in enumerate(better["hosts"]):
        host["findings"] = [[], [PERCPU], [SLAB | {"severity": "critical"}], [SLAB | {"severity": "info"}]][number % 4]
    for pair in ((run, worse), (worse, better), (better, worse)):
        lines = compare.comparison_lines(compare_audits(*map(read, pair)))
        assert len(lines) <= 25 and all(len(line) <= 100 and line.isascii() for line in lines)
        assert any(" of " in line and line.endswith(")") for line in lines)


def test_the_page_has_the_numbers_of_the_comparison():
    before, after = audit({"host0": [SLAB]}), audit({"host0": [SLAB | {"severity": "critical"}], "host1": [PERCPU]})
    section = compare.compare_section(compare_audits(read(before), read(after)))
    assert section.startswith('<section id="compare">') and section.endswith("</section>")
    for words in ("Worse (1)", "Appeared (1)", "warning -&gt; critical", "host1", "2 hosts are worse and 0 are better"):
        assert words in section


def two(before=None, after=None, **changes):
    """A comparison of an audit without findings, or with these, and a later one."""
    return compare_audits(read(audit(before)), read(audit(after, **changes)))


WORSE = {"host0": [SLAB | {"severity": "critical"}], "host1": [PERCPU]}


def test_both_files_are_written_and_hold_the_same(tmp_path):
    """The one is for programs, the other for a merge request."""
    comparison = two({"host0": [SLAB]}, WORSE)
    paths = compare.write_comparison(comparison, str(tmp_path / "compared"))
    assert list(paths) == ["compare.json", "compare.md"]
    document = json.loads((tmp_path / "compared" / "compare.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(comparison.as_plain()))
    text = (tmp_path / "compared" / "compare.md").read_text(encoding="utf-8")
    assert text.startswith("# Kernel memory compared: 2 hosts are worse and 0 are better")
    assert text.index("## Worse (1)") < text.index("## Appeared (1)") < text.index("## Kernels")


def test_where_one_can_not_be_written_neither_is(tmp_path):
    """Half a comparison would be compared with the other half of the last."""
    (tmp_path / "compare.md").mkdir()
    with pytest.raises(ValueError, match="compare.md"):
        compare.write_comparison(two(), str(tmp_path))
    assert not (tmp_path / "compare.json").exists()


def test_the_lines_say_from_what_to_what():
    """*warning -> critical* is the news, and the decision of both stands at the top."""
    comparison = two({"host0": [SLAB]}, WORSE, gone=["host5"])
    lines = compare.comparison_lines(comparison)
    assert lines[1].startswith("RESULT  2 hosts are worse and 0 are better  [")
    assert any(line.startswith("  warning -> critical   host0") for line in lines)
    assert any(line.startswith("  none -> warning       host1") for line in lines)
    assert "  Gone: 1 host: host5" in lines


def test_lines_keep_to_their_width():
    """Of a terminal at three in the morning."""
    lines = compare.comparison_lines(two({}, WORSE), 50)
    assert max(map(len, lines)) == 50 and any(line.endswith("...") for line in lines)


def test_many_changes_are_cut_and_counted_on_the_page():
    """What is not shown is said, with the place where it is."""
    found = two({}, {f"host{number}": [SLAB] for number in range(6)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "MOST_ROWS", 4)
        section = compare.compare_section(found)
    assert "<h3>Appeared (6)</h3>" in section and "2 more are in compare.json." in section


def test_hosts_that_came_and_went_stand_on_the_page():
    """A host that is gone is not better."""
    section = compare.compare_section(two({"host0": [SLAB]}, {}, gone=["host0"]))
    assert "<li>Gone: 1 host: <bdi>host0</bdi></li>" in section and "Vanished" not in section
