# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page in a real browser. Needs Chromium (the variable CHROMIUM names another command)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import write
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Chromium

POLICY = resolve_policy(None)
FLEETS = {"small": 12, "medium": 200, "large": 3000}
VIEWS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
HOSTILE = "</script><img src=x onerror=\"document.title='owned'\"><style>*{display:none}</style>\u202e" + "n" * 300


@pytest.fixture(scope="module")
def browser():
    with Chromium() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    audits = {name: _audit.build_audit(*synthetic.fleet(hosts, seed=4), POLICY) for name, hosts in FLEETS.items()}
    audits["hostile"] = hostile_audit()
    return {name: Path(write.write_outputs(audit, str(folder / name), ["report.html"])["report.html"]) for name, audit in audits.items()}


def hostile_audit():
    names = (HOSTILE, HOSTILE + "2", HOSTILE + "3")
    records = {name: synthetic.record(name, facts=synthetic.facts("web1", slab_share=0.3)) for name in names[:2]}
    for name in records:
        records[name]["facts"]["host"] |= {"boot_id": name, "kernel_release": HOSTILE}
        for part, rows in (("slab_caches", "caches"), ("page_table_processes", "processes"), ("cgroups", "cgroups")):
            for row in records[name]["facts"]["attribution"][part][rows]:
                row |= {key: [HOSTILE] if key == "aliases" else HOSTILE for key in row if key in ("name", "aliases", "command", "cgroup", "path")}
    records[names[2]] = synthetic.record(names[2], "failed", HOSTILE)
    return _audit.build_audit(synthetic.run(names), records, POLICY, notes=[HOSTILE])


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
@pytest.mark.parametrize("fleet", [*FLEETS, "hostile"])
def test_the_page_never_scrolls_sideways_asks_for_nothing_and_complains_of_nothing(browser, pages, fleet, width, scheme):
    browser.open(pages[fleet], width, 900, scheme)
    browser.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.value("document.scrollingElement.scrollWidth") <= width
    assert browser.requests == [pages[fleet].as_uri()]
    assert browser.console == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_verdict_and_the_counts_are_seen_without_scrolling(browser, pages, width, scheme):
    browser.open(pages["medium"], width, 900, scheme)
    for part in ("h1", ".tiles"):
        assert 0 < browser.value(f"document.querySelector('{part}').getBoundingClientRect().bottom") <= 900


def test_the_style_sheet_is_let_in_by_the_policy_of_the_page_in_both_schemes(browser, pages):
    grounds = []
    for scheme in ("light", "dark"):
        browser.open(pages["medium"], 1280, 900, scheme)
        grounds.append(browser.value("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(255, 255, 255)", "rgb(16, 21, 27)"]


def test_nothing_that_a_host_says_is_run(browser, pages):
    browser.open(pages["hostile"])
    assert browser.value("document.title").startswith("Not ready: 2 of 3 hosts are critical")
    assert browser.value("document.querySelectorAll('img, script').length") == 0
    assert browser.value("getComputedStyle(document.querySelector('h1')).display") == "block"


def test_every_link_of_the_page_leads_somewhere_in_it(browser, pages):
    browser.open(pages["medium"])
    assert browser.value("[...document.querySelectorAll('a')].every(a => document.querySelector(a.hash))") is True


def test_the_keyboard_reaches_every_region_that_scrolls(browser, pages):
    browser.open(pages["medium"], 390)
    hidden = "[...document.querySelectorAll('*')].filter(e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0).length"
    assert browser.value(hidden) == 0


def test_links_and_folds_are_large_enough_for_a_finger(browser, pages):
    browser.open(pages["medium"], 390)
    small = "[...document.querySelectorAll('nav a, summary, .tile a')].filter(e => e.getBoundingClientRect().height < 24).length"
    assert browser.value(small) == 0


def test_the_print_has_pages_of_paper_and_no_navigation(browser, pages):
    browser.open(pages["medium"])
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.value("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    paper = 1032  # A4 across, less the margins of 12 mm, in CSS pixels
    browser.call("Emulation.setDeviceMetricsOverride", width=paper, height=700, deviceScaleFactor=1, mobile=False)
    assert browser.value("document.scrollingElement.scrollWidth") <= paper
    assert len(browser.call("Page.printToPDF", preferCSSPageSize=True)["data"]) > 20000
