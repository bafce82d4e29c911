# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures of the page, of paper and of the terminal in docs/images, with a headless Chromium.

The fleets are simulated, and nothing else is: their readings are accounted, judged day by day and kept in a store, and
the pictures show what the collection says of them. The rollout and the investigation are real: of hosts on loopback
addresses, which needs an sshd, and of this machine, which needs root.
Usage: .venv/newest/bin/python tools/pictures.py [FOLDER]
"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))
sys.path.insert(0, str(ROOT / "tools"))

from pictured_runs import as_page, investigation, stopped_rollout

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.last_screen import last_screen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import Style
from ansible_collections.fleetaudit.kernel_memory.tests.browser.chromium import Chromium
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.audited_fleet import audited, members

OPEN_FIRST = "document.querySelectorAll('button.open')[1].click()"
PAPER = (1032, 730)
"""What a sheet of A4, on its side, has inside of its margins."""


class Picture(NamedTuple):
    """One picture: which page, how wide, in which scheme, from which element on, how high, and what is done before."""

    page: str
    width: int
    scheme: str
    start: str
    height: int
    script: str = ""


PICTURES = {
    "report-small-light": Picture("fleet", 1440, "light", "body", 1500),
    "report-small-dark": Picture("fleet", 1440, "dark", "#attention h2", 1100),
    "report-first-light": Picture("first", 1440, "light", "body", 900),
    "report-1000-light": Picture("large", 1440, "light", "body", 1000),
    "report-1000-dark": Picture("large", 1440, "dark", "#days h2", 1500),
    "report-table-light": Picture("large", 1440, "light", "#hosts h2", 1300, OPEN_FIRST),
    "report-table-dark": Picture("large", 1440, "dark", "#hosts h2", 900, OPEN_FIRST),
    "report-host-light": Picture("host", 1440, "light", "body", 1500),
    "report-phone-light": Picture("fleet", 390, "light", "body", 1400),
    "report-phone-dark": Picture("fleet", 390, "dark", "#hosts h2", 1400, OPEN_FIRST),
    "terminal-120-dark": Picture("terminal-120", 980, "dark", "body", 620),
    "terminal-80-light": Picture("terminal-80", 680, "light", "body", 640),
    "terminal-gate-dark": Picture("gate", 760, "dark", "body", 870),
    "investigation-light": Picture("investigated", 1100, "light", "body", 900),
}
SHEETS = {"report-paper": Picture("fleet", PAPER[0], "light", "#attention", 2 * PAPER[1])}

BEFORE = {"before-small-light": ("6b65347", "docs/images/report-small-light.png")}
"""What a page looked like before, by the commit that drew it."""


@contextmanager
def fleets(folder: Path) -> Iterator[dict[str, Audit]]:
    """Give the audit of each fleet: 150 hosts, 1,000 of them, 120 for the first time, and one host alone."""
    places = {name: folder / name for name in ("fleet", "large", "first", "host")}
    for place in places.values():
        place.mkdir()
    alone = [one for one in members(60, 44) if one.planted is not None and one.planted.role == "mq"][:1]
    with (
        audited(places["fleet"], 150, live=8) as fleet,
        audited(places["large"], 1000, days=30, live=2) as large,
        audited(places["first"], 0, days=0, live=0, fleet=members(120, 44)) as first,
        audited(places["host"], 0, live=10, fleet=alone) as host,
    ):
        yield {"fleet": fleet, "large": large, "first": first, "host": host}


TERMINALS = {"terminal-120": 120, "terminal-80": 80}


def terminal(audit: Audit, width: int) -> str:
    """Return a page that looks as the last screen of an audit does in a terminal of a width."""
    content = content_of(audit, {"report.html": "/srv/reports/2026-11-24T020000Z/report.html"})
    return as_page("\n".join(last_screen(content, Style(width, colour=True), "/srv")))


def draw(browser: Chromium, page: Path, picture: Picture, *, paper: bool = False) -> bytes:
    """Return the PNG of a picture; of *paper* as it is printed."""
    browser.open(page, picture.width, 900, picture.scheme)
    if paper:
        browser.call("Emulation.setEmulatedMedia", media="print")
        browser.value("dispatchEvent(new Event('beforeprint'))")
    if picture.script:
        browser.value(picture.script)
    top = browser.value(f"document.querySelector({picture.start!r}).getBoundingClientRect().top + scrollY")
    clip = {"x": 0, "y": max(0, top - 12), "width": picture.width, "height": picture.height, "scale": 1}
    drawn = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    return base64.b64decode(drawn["data"])


def before(folder: Path) -> None:
    """Keep the page of version 0.1.0 beside that of today, where the repository has its past."""
    for title, (commit, name) in BEFORE.items():
        found = subprocess.run(["git", "show", f"{commit}:{name}"], cwd=ROOT, capture_output=True, check=False)
        if found.returncode == 0:
            (folder / f"{title}.png").write_bytes(found.stdout)


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    before(folder)
    with tempfile.TemporaryDirectory() as name, Chromium() as browser:
        pages = {}
        with fleets(Path(name)) as audits:
            for fleet, audit in audits.items():
                pages[fleet] = Path(name) / f"{fleet}.html"
                pages[fleet].write_text(report_html.render(audit), encoding="utf-8")
            for title, width in TERMINALS.items():
                pages[title] = Path(name) / f"{title}.html"
                pages[title].write_text(terminal(audits["fleet"], width), encoding="utf-8")
        pages["investigated"] = investigation(Path(name))
        pages["gate"] = Path(name) / "gate.html"
        pages["gate"].write_text(as_page(stopped_rollout()), encoding="utf-8")
        for shown, paper in ((PICTURES, False), (SHEETS, True)):
            for title, picture in shown.items():
                (folder / f"{title}.png").write_bytes(draw(browser, pages[picture.page], picture, paper=paper))
                print(folder / f"{title}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
