# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last screen: short, as wide as the terminal, nothing cut that says what to do, the verdict above the prompt."""

from __future__ import annotations

import dataclasses
import functools

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.content import Cause, Content, Some
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.last_screen import (
    MOST_LINES,
    last_screen,
    some,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import Style
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

PATHS = {name: f"/srv/reports/today/{name}" for name in ("audit.json", "hosts.csv", "report.html")}
CAUSE = Cause(
    host="db-17.fra1",
    more=0,
    verdict="critical",
    left="9 days",
    days_left=9.2,
    what="Unreclaimable slab 8.2 of 9.9 GiB",
    pace="188 MiB a day",
    since="since 21 Oct",
    holder="kmalloc-512",
    next_step="See who allocates it.",
    command="sudo slabtop -o",
)
WELL = Content(
    run_id="run-1",
    decision="pass",
    critical=0,
    warning=0,
    without_data=0,
    shared=0,
    ok=3,
    total=3,
    ending="",
    growth_judged=True,
    environments=(),
    causes=(),
    causes_total=0,
    no_data=(),
    changes_since="",
    changes=(),
    fleet=(),
    waived=0,
    long_standing=0,
    expired=(),
    history="",
    notes=(),
    notes_total=0,
    missing="",
    report="/srv/reports/today/report.html",
    others=("/srv/reports/today/audit.json",),
)


@functools.cache
def content_of_fleet(hosts: int) -> Content:
    """The content of a synthetic fleet's last screen."""
    return content_of(read(audits.audit_with_history(hosts, runs=5)), PATHS)


def changed(**fields: object) -> Content:
    """A run in which all is well, but for these fields."""
    return dataclasses.replace(WELL, **fields)


@pytest.mark.parametrize("width", [60, 80, 120, 160])
@pytest.mark.parametrize("hosts", [1, 200, 1000])
def test_it_fits_a_screen_whatever_the_fleet(hosts: int, width: int) -> None:
    """Nobody scrolls back at 3 a.m.; only a command and a path may be longer than the terminal, to be picked up."""
    content = content_of_fleet(hosts)
    lines = last_screen(content, Style(width), "/srv")
    assert len(lines) <= MOST_LINES
    command = content.causes[0].command if content.causes else "-"
    assert all(len(line) <= width for line in lines if not line.startswith("REPORT") and command not in line)
    assert all(line.isascii() and line.isprintable() and line == line.rstrip() for line in lines)


def test_a_flood_of_words_leaves_the_verdict_and_the_path() -> None:
    """What matters most stands last, so what is too much goes at the beginning."""
    much = "word " * 80
    rows = tuple(Some(f"reason {number}", 3, ("a", "b", "c"), much) for number in range(12))
    content = changed(no_data=rows, changes=rows, history=much, notes=(much,) * 8, notes_total=90, missing=much)
    lines = last_screen(content, Style(40))
    assert len(lines) <= MOST_LINES
    assert lines[-1] == "REPORT    /srv/reports/today/report.html"
    assert any(line.startswith("ALL WELL") for line in lines)


def test_a_run_in_which_all_is_well_has_two_lines() -> None:
    """Who has nothing to do reads nothing else."""
    assert last_screen(WELL, Style(100), "/srv") == [
        "ALL WELL  All 3 hosts are within their limits.",
        "REPORT    reports/today/report.html  audit.json",
    ]


def test_it_ends_with_who_first_how_long_and_what_to_type() -> None:
    """The questions of the hour."""
    content = changed(critical=1, warning=2, ok=0, causes=(CAUSE,), causes_total=1)
    assert last_screen(content, Style(120), "/srv")[-6:] == [
        "",
        "CRITICAL  1 of 3 hosts. First to run out: db-17.fra1 in about 9 days.",
        "          2 have a warning, 0 are within their limits.",
        "NEXT      On db-17.fra1: See who allocates it.",
        "          sudo slabtop -o",
        "REPORT    reports/today/report.html  audit.json",
    ]


def test_a_wide_screen_says_the_pace_and_every_screen_since_when() -> None:
    """A narrow one leaves the pace to the report. Since when is the first that is asked after how long."""
    content = changed(critical=1, causes=(CAUSE,), causes_total=1)
    wide, narrow = ("\n".join(last_screen(content, Style(width))) for width in (120, 80))
    assert "188 MiB a day since 21 Oct, kmalloc-512" in wide
    assert "188 MiB a day" not in narrow and "9.9 GiB since 21 Oct,\n" in narrow and "kmalloc-512" in narrow


def test_hosts_without_data_are_never_well() -> None:
    """Of these nothing is known."""
    content = changed(without_data=2, ok=1, no_data=(Some("Connection refused", 2, ("a", "b"), "check sshd"),))
    text = "\n".join(last_screen(content, Style(100)))
    assert "NO DATA   2 of 3 hosts: of these nothing is known." in text and "ALL WELL" not in text
    assert "    2  Connection refused  check sshd" in text


def test_a_limited_run_says_that_it_is_partial() -> None:
    """Else three well hosts of 4,000 look like a well fleet."""
    text = "\n".join(last_screen(WELL, Style(100), limit="web*"))
    assert "PARTIAL   3 hosts were asked (--limit web*): this says nothing of the others." in text
    assert len(last_screen(WELL, Style(100), limit="h," * 4000)) <= 5


def test_waivers_are_counted_beside_the_verdict() -> None:
    """A waived finding makes a host ok, and that is to be seen."""
    text = "\n".join(last_screen(changed(waived=1, expired=("db*, 2026-11-01",)), Style(100)))
    assert "1 finding is waived; 1 waiver has expired (db*, 2026-11-01)." in text


def test_what_is_long_standing_is_counted() -> None:
    """It is a warning that hurts nobody today, and does not block: whoever reads on wants to tell it from news."""
    text = "\n".join(last_screen(changed(ok=1, warning=2, long_standing=2), Style(100)))
    assert "2 long-standing." in text
    assert "long-standing" not in "\n".join(last_screen(changed(), Style(100)))


def test_notes_of_the_settings_are_said() -> None:
    """A fleet judged in the wrong environment by default is one of these."""
    text = "\n".join(last_screen(WELL, Style(100), notes=("40 of 100 hosts are judged as production by default.",)))
    assert "NOTE      40 of 100 hosts are judged as production by default." in text


def test_names_are_cut_in_the_middle_and_counted() -> None:
    """Names of hosts differ at both ends."""
    row = Some("worse", 9, ("a" * 20 + "1", "b.x.net"))
    assert some(row, 2, 9, ".x.net") == "aaaa..aa1, b and 7 more"


def test_check_mode_says_that_nothing_was_written() -> None:
    """Else somebody looks for the report."""
    assert last_screen(changed(report=""), Style(100))[-1] == "REPORT    Nothing was written (check mode)."
