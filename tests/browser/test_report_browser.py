# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page in a real browser: how it looks, what it asks for, and what it does not let hosts do."""

from __future__ import annotations

import re

import pytest

FLEETS = ("small", "medium", "past", "large", "hostile")
VIEWS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
OPEN_ALL = (
    "document.querySelectorAll('details').forEach(one => one.open = true);"
    "document.querySelectorAll('button.open').forEach((one, at) => at < 4 && one.click())"
)
CLICKED = "nav a, summary, .tile a, button, select, input:not([type=checkbox]):not(.scrub), fieldset label"


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
@pytest.mark.parametrize("fleet", FLEETS)
def test_the_page_never_scrolls_sideways_asks_for_nothing_and_complains_of_nothing(
    browser, pages, fleet, width, scheme
):
    browser.open(pages[fleet], width, 900, scheme)
    browser.value(OPEN_ALL)
    assert browser.value("document.querySelectorAll('tr.details').length") > 0
    assert browser.value("document.scrollingElement.scrollWidth") <= width
    assert browser.requests == [pages[fleet].as_uri()]
    assert browser.console == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
@pytest.mark.parametrize("fleet", ["medium", "past"])
def test_the_verdict_and_the_counts_are_seen_without_scrolling(browser, pages, fleet, width, scheme):
    browser.open(pages[fleet], width, 900, scheme)
    for part in ("h1", ".tiles"):
        assert 0 < browser.value(f"document.querySelector('{part}').getBoundingClientRect().bottom") <= 900


def test_style_sheet_and_script_are_let_in_by_the_policy_of_the_page_in_both_schemes(browser, pages):
    grounds = []
    for scheme in ("light", "dark"):
        browser.open(pages["medium"], 1280, 900, scheme)
        grounds.append(browser.value("getComputedStyle(document.body).backgroundColor"))
        assert browser.value("document.querySelectorAll('#rows tr').length") == 50
    assert grounds == ["rgb(255, 255, 255)", "rgb(16, 21, 27)"]


def test_nothing_that_a_host_says_is_run_or_becomes_an_element(browser, pages):
    browser.open(pages["hostile"])
    browser.value(OPEN_ALL)
    title, others = browser.value(
        "[document.title, document.querySelectorAll('img, iframe, link, style:not(head style), [onerror], "
        "[onmouseover]').length]"
    )
    assert "owned" not in title.split("<img")[0] and title.startswith("</script>")
    assert others == 0
    # Three scripts came with the page; the details are taken out when the first row is opened.
    assert browser.value("[...document.scripts].map(one => one.type).join()") == ""
    assert browser.value("document.scripts.length") == 1
    assert browser.value("getComputedStyle(document.querySelector('h1')).display") == "flex"
    shown = browser.value("document.querySelector('#rows').textContent")
    assert "</script><img src=x" in shown and "\\u2028" in shown and "\u2028" not in shown and "\u202e" not in shown


def test_a_hostile_name_can_be_searched_for_and_put_in_the_address(browser, pages):
    browser.open(pages["hostile"])
    browser.value("document.querySelector('button.open').click()")
    address = browser.value("location.href")
    browser.go(address)
    assert browser.value("document.querySelectorAll('tr.details').length") == 1
    assert browser.console == []


def test_every_link_of_the_page_leads_somewhere_in_it(browser, pages):
    browser.open(pages["past"])
    assert browser.value("[...document.querySelectorAll('a')].every(a => document.querySelector(a.hash))") is True


def test_the_keyboard_reaches_every_region_that_scrolls(browser, pages):
    browser.open(pages["past"], 390)
    browser.value(OPEN_ALL)
    hidden = (
        "[...document.querySelectorAll('*')].filter(e => ['auto', "
        "'scroll'].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0).length"
    )
    assert browser.value(hidden) == 0


def test_what_is_clicked_is_large_enough_for_a_finger(browser, pages):
    browser.open(pages["past"], 390)
    small = (
        f"[...document.querySelectorAll('{CLICKED}')].filter(e => e.offsetParent && "
        "e.getBoundingClientRect().height < 24).map(e => e.outerHTML)"
    )
    assert browser.value(small) == []


def test_the_print_has_pages_of_paper_and_no_navigation(browser, pages):
    browser.open(pages["past"])
    browser.value("document.querySelector('button.open').click()")
    browser.call("Emulation.setEmulatedMedia", media="print")
    for hidden in ("nav", "#filter", ".pager button"):
        assert browser.value(f"getComputedStyle(document.querySelector('{hidden}')).display") == "none"
    assert browser.value("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"
    paper = 1032  # A4 across, less the margins of 12 mm, in CSS pixels
    browser.call("Emulation.setDeviceMetricsOverride", width=paper, height=700, deviceScaleFactor=1, mobile=False)
    assert browser.value("document.scrollingElement.scrollWidth") <= paper
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", browser.pdf())) <= 14


def test_the_columns_have_their_names_on_each_sheet(browser, pages):
    """The browser repeats the head of a table on each sheet, and paints no button in it again: 16 columns of numbers
    stood there without a name.
    """
    browser.open(pages["past"])
    browser.call("Emulation.setEmulatedMedia", media="print")
    named = browser.value(
        "[...document.querySelectorAll('#hosts thead th')].map(th => [...th.querySelectorAll('*'), th].some(one => "
        "!one.closest('button') && getComputedStyle(one).display !== 'none' && "
        "[...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))).join()"
    )
    browser.call("Emulation.setEmulatedMedia", media="")
    assert named and set(named.split(",")) == {"true"}


def test_a_large_fleet_is_printed_on_few_pages_without_scripts(browser, pages):
    browser.scripts(False)
    browser.open(pages["large"])
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", browser.pdf())) <= 60
