# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures of the page and of the terminal in docs/images from synthetic fleets, with a headless Chromium.

Usage: .venv/newest/bin/python tools/pictures.py [FOLDER]
"""

from __future__ import annotations

import base64
import html
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.last_screen import last_screen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import Style
from ansible_collections.fleetaudit.kernel_memory.tests.browser.chromium import Chromium
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

FIRST = "document.querySelectorAll('button.open')[1].click()"


class Picture(NamedTuple):
    """One picture: which fleet, how wide, in which scheme, from which element on, how high, and what is done before."""

    fleet: str
    width: int
    scheme: str
    start: str
    height: int
    script: str = ""


FLEETS: dict[str, Callable[[], dict[str, Any]]] = {
    "small": lambda: audits.audit_with_history(120),
    "10000": lambda: audits.audit_with_history(10_000),
    "first": lambda: audits.audit(120),
}
PICTURES = {
    "report-small-light": Picture("small", 1440, "light", "body", 1500),
    "report-small-dark": Picture("small", 1440, "dark", "#attention h2", 1100),
    "report-first-light": Picture("first", 1440, "light", "body", 900),
    "report-10000-light": Picture("10000", 1440, "light", "body", 1000),
    "report-10000-dark": Picture("10000", 1440, "dark", "#days h2", 1500),
    "report-table-light": Picture("10000", 1440, "light", "#hosts h2", 1300, FIRST),
    "report-table-dark": Picture("10000", 1440, "dark", "#hosts h2", 900, FIRST),
    "report-phone-light": Picture("small", 390, "light", "body", 1400),
    "terminal-120-dark": Picture("terminal-120", 980, "dark", "body", 560),
    "terminal-80-light": Picture("terminal-80", 680, "light", "body", 640),
    "report-phone-dark": Picture("small", 390, "dark", "#hosts h2", 1400, FIRST),
}


TERMINALS = {"terminal-120": 120, "terminal-80": 80}
COLOURS = {"1;31": "#d5303e", "33": "#9a6700", "35": "#a347ba", "32": "#1a7f37", "1": "inherit", "36": "#0a7ea4"}


def terminal(audit: dict[str, Any], width: int) -> str:
    """Return a page that looks as the last screen of an audit does in a terminal of a width."""
    content = content_of(read(audit), {"report.html": "/srv/reports/2026-11-24T120000Z/report.html"})
    text = html.escape("\n".join(last_screen(content, Style(width, colour=True), "/srv")))

    def span(match: re.Match[str]) -> str:
        return f'<b style="color:{COLOURS[match[1]]}">{match[2]}</b>'

    shown = re.sub("\x1b\\[([0-9;]+)m(.*?)\x1b\\[0m", span, text)
    return (
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<body style="margin:12px;font:13px/1.45 monospace"><pre style="margin:0">{shown}</pre>'
    )


def draw(browser: Chromium, page: Path, picture: Picture) -> bytes:
    """Return the PNG of a picture."""
    browser.open(page, picture.width, 900, picture.scheme)
    if picture.script:
        browser.value(picture.script)
    top = browser.value(f"document.querySelector({picture.start!r}).getBoundingClientRect().top + scrollY")
    clip = {"x": 0, "y": max(0, top - 12), "width": picture.width, "height": picture.height, "scale": 1}
    return base64.b64decode(
        browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
    )


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Chromium() as browser:
        pages = {}
        for fleet, make in FLEETS.items():
            pages[fleet] = Path(name) / f"{fleet}.html"
            pages[fleet].write_text(report_html.render(read(make())), encoding="utf-8")
        for title, width in TERMINALS.items():
            pages[title] = Path(name) / f"{title}.html"
            pages[title].write_text(terminal(audits.audit_with_history(3000), width), encoding="utf-8")
        for title, picture in PICTURES.items():
            (folder / f"{title}.png").write_bytes(draw(browser, pages[picture.fleet], picture))
            print(folder / f"{title}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
