# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses the memory, on the page: in the details of hosts that need attention, with what is missing."""

from __future__ import annotations

import copy
import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.attribution import (
    attribution_of as read_parts,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution import PARTS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import (
    attribution as html_attribution,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import (
    HOST,
    MEMINFO,
    attribution,
    attribution_of,
    without,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

WHOLE = attribution()


def shown(parts):
    return html_attribution.attribution(read_parts(parts))


def page_of(slab_share):
    records = {"web1": synthetic.record("web1", facts=synthetic.facts("web1", slab_share=slab_share))}
    return report_html.render(read(built(synthetic.run(("web1",)), records, policy_of(None))))


def test_every_part_is_shown():
    assert set(html_attribution.VIEWS) == set(PARTS)
    for key, view in html_attribution.VIEWS.items():
        assert view.title in shown({key: WHOLE[key]})


def test_a_page_of_many_hosts_has_the_rarer_parts_of_the_worst_only():
    """They would be most of the page."""
    rest = html_attribution.attribution(read_parts(WHOLE), in_full=False)
    for key, view in html_attribution.VIEWS.items():
        assert (f">{view.title}</th>" in rest) is (key not in html_attribution.FOR_THE_WORST)
    shown_keys = {part.key for part in html_attribution.parts(read_parts(WHOLE))}
    assert not set(html_attribution.FOR_THE_WORST) & shown_keys


def test_rows_have_their_numbers():
    text = re.sub(r"<[^>]*>", "|", shown(WHOLE)).replace("\u00a0", " ")
    for words in (
        ("kmalloc-512", "eventpoll_pwq", "pool_workqueue", "50 MiB", "93.8 %"),
        ("bpf_prog_alloc_no_stats", "2 MiB", "40"),
        ("java", "pid 4242 in container ", "0123456789ab", "200 MiB"),
        ("kubelet", "pid 77", "60"),
        ("/system.slice", "200 MiB", "150 MiB", "1 MiB"),
        ("Node 0", "32 MiB", "1 MiB", "30 KiB", "8 KiB"),
        ("mm/slub.c:2424 func:alloc_slab_page", "512 MiB", "131,072"),
    ):
        assert re.search("[^~]*?".join(map(re.escape, words)), text), words


def test_what_is_missing_says_why_and_nothing_is_shown_where_nothing_was_gathered():
    refused = attribution_of(
        without("slab", part_errors={"slab": "EACCES"}, part_cut={"cgroups": "limit"}), MEMINFO, HOST
    )
    page = shown(refused)
    assert "Slab cache: slabinfo is readable by root only (EACCES)" in page
    assert "the list is not of all control groups." in page and "/system.slice" in page
    assert shown({}) == shown(None) == ""


def test_no_more_rows_than_a_reader_wants():
    parts = copy.deepcopy(WHOLE)
    parts["slab_caches"]["caches"] *= 5
    parts["slab_caches"]["caches"][0]["aliases"] = list("abcdef")
    page = shown(parts)
    assert page.count("kmalloc-512") == 2 and "and 3 more" in page


def test_only_hosts_that_need_attention_show_it():
    assert page_of(0.3).count("<h4>Who uses it</h4>") == 1
    assert "Who uses it" not in page_of(0.03)


def test_state_of_the_host_is_shown_beside_the_owners():
    text = re.sub(r"<[^>]*>", "|", shown(WHOLE)).replace("\u00a0", " ")
    for words in (
        ("Some tasks waited for memory", "3 processes killed since boot", "1.5 %", "0.25 %", "0.05 %"),
        ("Node 0, Normal", "512 KiB", "4", "50.0 %"),
        ("Open files", "96", "73,176"),
        ("Directory entries of missing files", "63", "–"),
    ):
        assert re.search("[^~]*?".join(map(re.escape, words)), text), words


def emptied(part):
    """The same part with nothing known: texts and numbers are null, lists keep their rows."""
    kept = ("complete", "reason", "duration_ms")
    rows = {
        key: [{field: [] if field == "aliases" else None for field in row} for row in value]
        if isinstance(value, list)
        else None
        for key, value in part.items()
        if key not in kept
    }
    return {**part, **rows}


@pytest.mark.parametrize("key", html_attribution.VIEWS)
def test_numbers_that_are_not_known_are_dashes(key):
    page = shown({key: emptied(WHOLE[key])})
    assert "None" not in page and "–" in page


def test_the_data_of_the_page_has_the_same_rows_as_its_html():
    for part in html_attribution.parts(read_parts(WHOLE), in_full=True):
        assert part.rows and all(len(row.numbers) == len(part.view.heads) for row in part.rows)
        assert {form for _unused, form in part.view.heads} <= set(html_attribution.SHOWN)
