# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all hosts in a real browser: search, filters, order, pages, details, keyboard, and its state in the
address.
"""

from __future__ import annotations

import csv
import io

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits

AUDIT = audits.audit_with_history(200)
BY_NAME = {host["name"]: host for host in AUDIT["hosts"]}
NAMES = "[...document.querySelectorAll('#rows > tr > th button.open bdi')].map(one => one.title)"
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
    columns = (
        "[...document.querySelectorAll('{0} thead th')].map(one => (one.querySelector('button') ?? one).textContent)"
    )
    cells = (
        "[...document.querySelectorAll('{0} tbody > tr')].slice(0, 50).map(row => [...row.children].map(one => "
        "one.textContent.trim()))"
    )
    browser.open(pages["medium"])
    browser.go(f"{pages['medium'].as_uri()}#columns=verdict,left,available,nearest,held,total,environment,kernel")
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
    assert len(shared) == 9 and len(drawn) == 50
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
    order(page, "Available")
    known = {name: host["host"]["memory_available_bytes"] for name, host in BY_NAME.items() if host["dimensions"]}
    scarce = sorted(known, key=lambda name: known[name] / BY_NAME[name]["host"]["memory_total_bytes"])
    shares = [known[name] / BY_NAME[name]["host"]["memory_total_bytes"] for name in page.value(NAMES)]
    assert shares == pytest.approx(
        [known[name] / BY_NAME[name]["host"]["memory_total_bytes"] for name in scarce[:50]], abs=1e-6
    )
    sorts = (
        "[...document.querySelectorAll('#heads th[aria-sort$=ending]')].map(one => "
        "[one.querySelector('button').textContent, one.ariaSort])"
    )
    assert page.value(sorts) == [["Available", "ascending"]]
    order(page, "Available")
    assert page.value(sorts) == [["Available", "descending"]]


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
        "Critical at",
        "Together",
        "past amounts in steps of",
    ):
        assert words in shown, words
    assert page.value("document.querySelectorAll('tr.details figure.stack .scrub').length") == 1
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
    assert "Together" in page.value("document.querySelector('tr.details').innerText")


def test_the_address_holds_the_view_and_a_link_opens_it(page, browser):
    choose(page, "env", "production")
    search(page, "example", "Hosts 1 to 50 of 1")
    order(page, "Available")
    page.value("document.getElementById('next').click()")
    page.value("document.querySelector('button.open').click()")
    address, names, opened = (
        page.value("location.href"),
        page.value(NAMES),
        page.value("document.querySelector('tr.details').innerText"),
    )
    for part in ("q=example", "environment=production", "sort=available", "page=2", "open="):
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
    assert page.value(active) == "Skip to the table of all hosts"
    page.value("document.getElementById('q').focus()")
    for letter in "mq":
        page.press(letter)
    page.wait_for(f"{INFO}.includes('match')")
    for _unused in range(60):
        page.press("Tab")
        if page.value(active) == "Available":
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


POINTED = (
    "(() => {{ const input = document.querySelector({0!r}); input.value = {1}; "
    "input.dispatchEvent(new Event('input')); return input.getAttribute('aria-valuetext') }})()"
)


def test_a_chart_tells_its_values_under_the_keyboard(page):
    """What is pointed at stands in the legend, and is said to a screen reader; nothing floats over the chart."""
    chart = "#attention input.scrub[data-host]"
    now = page.value(POINTED.format(chart, 29))
    then = page.value(POINTED.format(chart, 3))
    assert now.startswith("today: together ") and then.startswith("29\u00a0Oct: together ") and now != then
    legend = "document.querySelector('#attention figure.stack .day').textContent"
    assert page.value(legend) == "29\u00a0Oct"
    page.value(f"document.querySelector({chart!r}).dispatchEvent(new Event('blur'))")
    assert page.value(legend) == "today"


def test_the_fleet_and_its_verdicts_tell_a_run(page):
    runs = AUDIT["runs"]
    said = page.value(POINTED.format("#time input.scrub[data-runs]", 0))
    assert (
        said
        == f"26\u00a0Oct: critical {runs[0]['critical']}, warning {runs[0]['warning']}, no data {runs[0]['unknown']}"
    )
    assert page.value(POINTED.format("#time input.scrub[data-fleet]", 0)).startswith("26\u00a0Oct: together ")


def test_the_heat_map_has_other_orders_and_opens_a_host_by_keyboard(page):
    names = "[...document.querySelectorAll('.hn a bdi')].map(one => one.title)"
    first = page.value(names)
    choose(page, "heat-order", "3")
    kernels = [BY_NAME[name]["host"]["kernel_release"] for name in page.value(names)]
    assert kernels == sorted(kernels) and sorted(page.value(names)) == sorted(first)
    choose(page, "heat-order", "0")
    assert page.value(names) == first
    page.value("document.getElementById('heat-map').focus()")
    for key in ("ArrowDown", "End"):
        page.value(
            f"document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: {key!r}, bubbles: true }}))"
        )
    assert first[1] in page.value("document.getElementById('heat-say').textContent")
    page.value("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))")
    page.wait_for("document.querySelectorAll('tr.details').length === 1")
    assert page.value(NAMES) == [first[1]]


def test_columns_are_chosen_and_remembered_in_the_address(page, browser):
    page.value("document.querySelector('#columns input[value=percpu]').click()")
    page.value("document.querySelector('#columns input[value=held]').click()")
    heads = "[...document.querySelectorAll('#heads button')].map(one => one.textContent)"
    shown = page.value(heads)
    assert "Per-CPU" in shown and "Held by" not in shown
    address = page.value("location.href")
    assert "columns=" in address and page.value("document.getElementById('link').dataset.copy") == address
    browser.go(address)
    assert browser.value(heads) == shown


def test_what_is_filtered_is_copied_into_a_file_of_its_own(page):
    choose(page, "env", "staging")
    page.value(
        "URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return '#'; };"
        "URL.revokeObjectURL = () => {};"
    )
    page.value("document.getElementById('csv').click()")
    page.wait_for("window.saved !== undefined")
    rows = list(csv.DictReader(io.StringIO(page.value("window.saved"), newline="")))
    wanted = [name for name, host in BY_NAME.items() if host["environment"] == "staging"]
    assert [row["host"] for row in rows] == wanted
    for row in rows:
        total = BY_NAME[row["host"]]["kernel_total_bytes"]
        assert row["kernel_memory_kib"] == ("" if total is None else str(total // 1024))


def test_a_verdict_that_there_is_not_is_named(browser, pages):
    browser.open(pages["past"])
    browser.go(f"{pages['past'].as_uri()}#verdict=nonsense")
    assert browser.value(INFO) == "Hosts 1 to 50 of 200. There is no verdict “nonsense”."


def test_a_button_copies_the_command_beside_it(page):
    """Where the clipboard refuses, as in a window without focus, the old way is taken."""
    page.value(
        "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };"
        "document.querySelector('#attention .cmd .copy').click()"
    )
    assert page.value("window.copied") == page.value("document.querySelector('#attention .cmd code').textContent")
    page.value("[...document.querySelectorAll('#attention .copy')].find(one => /ticket/.test(one.textContent)).click()")
    assert page.value("window.copied").startswith("Per-CPU is above its limit on 5 hosts.")
