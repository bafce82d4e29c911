# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all hosts in a real browser: search, filters, order, pages, details, keyboard, and its state in the
address.
"""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits

AUDIT = audits.audit_with_history(200)
BY_NAME = {host["name"]: host for host in AUDIT["hosts"]}
NAMES = "[...document.querySelectorAll('#rows > tr > th button.open')].map(one => one.textContent)"
INFO = "document.getElementById('info').textContent"


@pytest.fixture
def page(browser, pages):
    browser.open(pages["past"])
    return browser


def choose(page, id_, value):
    page.value(
        f"(() => {{ const one = document.getElementById('{id_}'); one.value = {value!r}; one.dispatchEvent(new "
        "Event('change')) })()"
    )


def search(page, words, wanted):
    page.value(
        f"(() => {{ const one = document.getElementById('q'); one.value = {words!r}; one.dispatchEvent(new "
        "Event('input')) })()"
    )
    page.wait_for(f"new URLSearchParams(location.hash.slice(1)).get('q') === {words!r} && {INFO}.includes({wanted!r})")


def order(page, title):
    page.value(f"[...document.querySelectorAll('#heads button')].find(one => one.textContent === {title!r}).click()")


def test_the_first_page_is_the_worst_hosts_in_the_order_of_the_audit(page):
    assert page.value(NAMES) == [host["name"] for host in AUDIT["hosts"][:50]]
    assert page.value(INFO) == "Hosts 1 to 50 of 200"
    assert page.value("document.getElementById('static')") is None


def test_the_numbers_of_a_row_are_those_of_the_static_table(browser, pages):
    """With scripts or without, a host has the same numbers."""
    columns = "[...document.querySelectorAll('{0} thead th')].map(one => one.textContent)"
    cells = (
        "[...document.querySelectorAll('{0} tbody > tr')].slice(0, 50).map(row => [...row.children].map(one => "
        "one.textContent.trim()))"
    )
    browser.open(pages["medium"])
    drawn = {
        row[0]: dict(zip(browser.value(columns.format("#table")), row, strict=True))
        for row in browser.value(cells.format("#table"))
    }
    browser.scripts(False)
    browser.open(pages["medium"])
    fixed = {
        row[0]: dict(zip(browser.value(columns.format("#static")), row, strict=True))
        for row in browser.value(cells.format("#static"))
    }
    shared = set(next(iter(drawn.values()))) & set(next(iter(fixed.values())))
    # The synthetic fleet has no secondary page tables and nothing else that is counted, so these two columns are left
    # out.
    assert len(shared) == 15 and len(drawn) == 50
    for name, row in drawn.items():
        assert {title: row[title] for title in shared} == {title: fixed[name][title] for title in shared}


def test_all_words_of_a_search_must_be_there(page):
    search(page, "WEB prod", "that match")
    expected = [name for name, host in BY_NAME.items() if "web" in name and "prod" in name + host["environment"]]
    assert page.value(NAMES) == expected[:50]
    search(page, "no-such-host", "No host matches")
    assert page.value(NAMES) == []
    page.value("document.getElementById('clear').click()")
    assert page.value(INFO) == "Hosts 1 to 50 of 200" and page.value("document.getElementById('q').value") == ""


def test_filters_work_together(page):
    choose(page, "env", "staging")
    page.value("document.getElementById('verdict-ok').click()")
    expected = [name for name, host in BY_NAME.items() if host["environment"] == "staging" and host["verdict"] != "ok"]
    assert page.value(NAMES) == expected and expected
    choose(page, "env", "")
    choose(page, "finding", "percpu.limit")
    expected = [
        name
        for name, host in BY_NAME.items()
        if any((one["dimension"], one["kind"]) == ("percpu", "limit") for one in host["findings"])
    ]
    assert page.value(NAMES) == expected and expected


def test_a_column_sorts_down_then_up_and_says_so(page):
    order(page, "Kernel memory")
    amounts = sorted(
        (host["kernel_total_bytes"] for host in AUDIT["hosts"] if host["kernel_total_bytes"]), reverse=True
    )
    assert [BY_NAME[name]["kernel_total_bytes"] for name in page.value(NAMES)] == pytest.approx(amounts[:50], abs=1024)
    sorts = "[...document.querySelectorAll('#heads th[aria-sort$=ending]')].map(one => [one.textContent, one.ariaSort])"
    assert page.value(sorts) == [["Kernel memory", "ascending"]]
    order(page, "Kernel memory")
    assert page.value(sorts) == [["Kernel memory", "descending"]]


def test_pages_turn_and_end(page):
    page.value("document.getElementById('next').click()")
    assert page.value(NAMES) == [host["name"] for host in AUDIT["hosts"][50:100]]
    choose(page, "per", "500")
    assert len(page.value(NAMES)) == 200
    assert (
        page.value("document.getElementById('next').disabled && document.getElementById('previous').disabled") is True
    )


def test_an_opened_row_shows_reasons_account_past_and_owners(page):
    host = AUDIT["hosts"][0]
    page.value("document.querySelector('button.open').click()")
    shown = page.value("document.querySelector('tr.details').innerText")
    for finding in host["findings"]:
        assert finding["explanation"] in shown and finding["next_step"] in shown and finding["command"] in shown
    for words in (
        "Slab cache",
        "Caller of vmalloc",
        "Process by page tables",
        "Control group",
        "NUMA node",
        "Memory pressure",
        "Zone",
        "Kernel objects",
        "kmalloc-512",
        "Unreclaimable slab",
        "first seen 2026-",
        host["host"]["kernel_release"],
        "Unreclaimable kernel memory from",
        "on 2026-10-2",
    ):
        assert words in shown, words
    assert page.value("document.querySelectorAll('tr.details .spark').length") == 11
    page.value("document.querySelector('button.open').click()")
    assert page.value("document.querySelectorAll('tr.details').length") == 0


def test_hosts_without_data_and_healthy_hosts_open_too(page):
    missing = next(host for host in AUDIT["hosts"] if host["no_data"])
    search(page, missing["name"], "Hosts 1 to 1 of 1")
    page.value("document.querySelector('button.open').click()")
    shown = page.value("document.querySelector('tr.details').innerText")
    assert missing["no_data"]["message"] in shown and missing["no_data"]["next_step"] in shown
    healthy = AUDIT["hosts"][-1]
    page.value("document.getElementById('clear').click()")
    search(page, healthy["name"], "Hosts 1 to 1 of 1")
    page.value("document.querySelector('button.open').click()")
    assert "Unreclaimable kernel memory from" in page.value("document.querySelector('tr.details').innerText")


def test_the_address_holds_the_view_and_a_link_opens_it(page, browser):
    choose(page, "env", "production")
    search(page, "example", "Hosts 1 to 50 of 1")
    order(page, "RAM")
    page.value("document.getElementById('next').click()")
    page.value("document.querySelector('button.open').click()")
    address, names, opened = (
        page.value("location.href"),
        page.value(NAMES),
        page.value("document.querySelector('tr.details').innerText"),
    )
    for part in ("q=example", "environment=production", "sort=ram", "page=2", "open="):
        assert part in address
    browser.go(address)
    assert browser.value(NAMES) == names and browser.value("document.querySelector('tr.details').innerText") == opened
    assert browser.value("[document.getElementById('q').value, document.getElementById('env').value]") == [
        "example",
        "production",
    ]
    assert browser.value("document.getElementById('hosts').getBoundingClientRect().top") < 900


@pytest.mark.parametrize(
    "hash_",
    [
        "verdict=&sort=__proto__&page=-5&rows=7",
        "environment=nowhere",
        "sort=-constructor&page=99999",
        "%E0%A4%A=1&q=%FF",
    ],
)
def test_a_broken_address_breaks_nothing(browser, pages, hash_):
    browser.open(pages["past"])
    browser.go(f"{pages['past'].as_uri()}#{hash_}")
    assert browser.value(INFO) and browser.console == []


def test_a_number_of_the_summary_filters_the_table(page):
    page.value("document.querySelector('#environments a.critical').click()")
    page.wait_for("location.hash.includes('verdict=critical')")
    expected = [
        name for name, host in BY_NAME.items() if host["verdict"] == "critical" and host["environment"] == "production"
    ]
    page.wait_for(f"{NAMES}.length === {len(expected)}")
    assert page.value(NAMES) == expected
    page.value("history.back()")
    page.wait_for(f"{NAMES}.length === 50 || location.hash === ''")


def test_everything_works_by_keyboard_alone(page):
    active = "(document.activeElement.id || document.activeElement.textContent)"
    page.press("Tab")
    assert page.value(active) == "Skip to what needs attention"
    page.value("document.getElementById('q').focus()")
    for letter in "mq":
        page.press(letter)
    page.wait_for(f"{INFO}.includes('match')")
    for _unused in range(60):
        page.press("Tab")
        if page.value(active) == "Kernel memory":
            break
    page.press("Enter")
    assert page.value("document.activeElement.closest('th').ariaSort") == "ascending"
    for _unused in range(40):
        page.press("Tab")
        if page.value("document.activeElement.className") == "open":
            break
    page.press("Enter")
    assert (
        page.value("document.activeElement.ariaExpanded") == "true"
        and page.value("document.querySelectorAll('tr.details').length") == 1
    )
    page.press("Space")
    assert page.value("document.querySelectorAll('tr.details').length") == 0
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.value(outline) == "solid"
