# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What axe-core says of the page: no violation of WCAG 2.2 AA or of good practice."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.wheels import files_of

PACKAGE, AXE = "axe-selenium-python==3.0.0", "axe_selenium_python/node_modules/axe-core/axe.min.js"
"""It brings axe-core for a browser driver; the one file is all that is needed of it."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe():
    """The text of axe-core."""
    return (files_of(PACKAGE, AXE) / AXE).read_text(encoding="utf-8")


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
