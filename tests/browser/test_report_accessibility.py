# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What axe-core says of the page: no violation of WCAG 2.2 AA or of good practice. It comes with the package
axe-selenium-python.
"""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import pytest

PACKAGE = "axe-selenium-python"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe():
    """The text of axe-core. Its package is read, not imported, so a browser driver is never needed."""
    files = importlib.metadata.files(PACKAGE) or []
    found = [Path(str(one.locate())) for one in files if one.name == "axe.min.js"]
    assert len(found) == 1, f"The package {PACKAGE} has no axe.min.js."
    return found[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
@pytest.mark.parametrize("fleet", ["medium", "past", "large"])
def test_axe_finds_no_violation(browser, pages, axe, fleet, width, scheme):
    browser.open(pages[fleet], width, 900, scheme)
    browser.value("document.querySelectorAll('button.open').forEach((one, at) => at < 2 && one.click())")
    browser.value("document.querySelectorAll('details').forEach((one, at) => { one.open = at < 3 })")
    browser.value(f"{axe}; 0")
    options = json.dumps({"runOnly": TAGS, "resultTypes": ["violations"]})
    found = browser.value(
        f"axe.run(document, {options}).then(said => said.violations.map(one => [one.id, one.nodes.slice(0, "
        "3).map(node => node.html)]))"
    )
    assert found == []
