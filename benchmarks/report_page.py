# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What report.html of a large fleet with 30 runs of history costs: to make it, to mail it, to open it and to search in
it.

Usage: .venv/newest/bin/python benchmarks/report_page.py [--largest]

The browser's figures are CPU seconds of its main thread and of the whole process of the page, which depend on the load
of the machine less than the time on the clock does. Needs Chromium (the variable CHROMIUM names another command). Ends
with 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / ".cache" / "collections"), str(ROOT / "tests" / "browser")]

from chromium import Chromium

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

MIB = 1024**2
ROUNDS = 7

# hosts: {figure: goal}; the unit is in the name.
GOALS: dict[int, dict[str, float]] = {
    1_000: {"file MB": 1},
    10_000: {
        "file MB": 5,
        "made in s CPU": 2,
        "made in MiB": 60,
        "ready s CPU": 0.6,
        "broad filter ms CPU": 50,
        "narrow filter ms CPU": 50,
        "tab MiB": 200,
    },
    100_000: {"open s": 4},
}


def audit_of(hosts: int) -> dict[str, Any]:
    """The audit of so many hosts; beyond 10,000 the same hosts again under other names, since making them is not
    what is measured.
    """
    made = audits.audit_with_history(min(hosts, 10_000))
    times = hosts // len(made["hosts"])
    made["hosts"] = [
        {**host, "name": f"{number}-{host['name']}" if number else host["name"]}
        for host in made["hosts"]
        for number in range(times)
    ]
    counts = made["counts"]
    for counted in (counts["all"], *counts["by_environment"].values()):
        counted.update({verdict: times * number for verdict, number in counted.items()})
    return made


def make(audit: Audit, page: Path) -> dict[str, float]:
    """Write the page twice, for its time and for the memory that Python takes above its input, and return what that
    cost.
    """
    start = time.process_time()
    with page.open("w", encoding="utf-8") as out:
        out.writelines(report_html.pieces(audit))
    seconds = time.process_time() - start
    tracemalloc.start()
    with page.open("w", encoding="utf-8") as out:
        out.writelines(report_html.pieces(audit))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {"file MB": page.stat().st_size / 1e6, "made in s CPU": seconds, "made in MiB": peak / MIB}


def metrics(browser: Chromium) -> dict[str, float]:
    """The browser's own figures of the page; times are CPU seconds of its main thread."""
    return {entry["name"]: entry["value"] for entry in browser.call("Performance.getMetrics")["metrics"]}


def renderer(browser: Chromium) -> tuple[int, float]:
    """The number of the page's process, and the CPU seconds that it has used."""
    session, browser.session = browser.session, ""
    try:
        processes = browser.call("SystemInfo.getProcessInfo")["processInfo"]
    finally:
        browser.session = session
    page = max(
        (process for process in processes if process["type"] == "renderer"), key=lambda process: process["cpuTime"]
    )
    return page["id"], page["cpuTime"]


def typed(browser: Chromium, words: str) -> float:
    """The CPU milliseconds from a search to the drawn result: the median of some rounds."""
    seen = []
    for number in range(ROUNDS):
        before = metrics(browser)["TaskDuration"]
        # Each round begins with another search, so that each changes what is shown.
        for text in (words, "" if number % 2 else "no such host"):
            browser.value(
                f"(() => {{ const q = document.getElementById('q'); q.value = {text!r}; q.dispatchEvent(new "
                "Event('input')) })()"
            )
            browser.value(
                "new Promise(done => setTimeout(() => requestAnimationFrame(() => setTimeout(done, 0)), 250))"
            )
            if text == words:
                seen.append(1000 * (metrics(browser)["TaskDuration"] - before))
    return statistics.median(seen)


def sorted_by(browser: Chromium, title: str) -> float:
    """The CPU milliseconds to sort by a column and draw the result."""
    before = metrics(browser)["TaskDuration"]
    browser.value(f"[...document.querySelectorAll('#heads button')].find(one => one.textContent === {title!r}).click()")
    browser.value("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
    return 1000 * (metrics(browser)["TaskDuration"] - before)


def opened(page: Path) -> dict[str, float]:
    """Open the page and use it, and return what that cost."""
    with Chromium() as browser:
        browser.call("Performance.enable", timeDomain="threadTicks")
        browser.go("about:blank")
        idle = renderer(browser)[1]
        start = time.monotonic()
        browser.open(page)
        browser.wait_for("performance.getEntriesByName('ready').length === 1")
        figures = {"open s": time.monotonic() - start, "main thread s CPU": metrics(browser)["TaskDuration"]}
        process, used = renderer(browser)
        figures |= {
            "ready s CPU": used - idle if used > idle else used,
            "first paint s": browser.value("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            / 1000,
            "elements": browser.value("document.querySelectorAll('*').length"),
        }
        figures["broad filter ms CPU"] = typed(browser, "web")
        figures["narrow filter ms CPU"] = typed(browser, "web-0001")
        browser.value("document.getElementById('clear').click()")
        figures["sort ms CPU"] = sorted_by(browser, "Available")
        browser.value("document.querySelector('button.open').click()")
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        figures["tab MiB"] = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024
        assert browser.console == [] and browser.requests == [page.as_uri()]
        return figures


def main() -> int:
    """Measure each fleet and print the figures beside their goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--largest", action="store_true", help="measure 100,000 hosts, too, which takes 2 GiB and some minutes"
    )
    options = parser.parse_args()
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        for hosts, goals in GOALS.items():
            if hosts > 10_000 and not options.largest:
                continue
            page = Path(folder) / f"{hosts}.html"
            figures = {**make(read(audit_of(hosts)), page), **opened(page)}
            print(f"{hosts:,} hosts")
            for name, figure in figures.items():
                goal = goals.get(name)
                print(f"  {name:22}{figure:10,.2f}" + (f"   (goal {goal:g})" if goal else ""))
                if goal and figure > goal:
                    missed.append(f"{name} of {hosts:,} hosts")
    print(f"Missed: {', '.join(missed)}." if missed else "Every goal is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
