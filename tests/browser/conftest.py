# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser, and the pages that it opens. Needs Chromium (the variable CHROMIUM names another command)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.tests.browser.chromium import Chromium
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

HOSTILE = (
    "</script><img src=x onerror=\"document.title='owned'\"><style>*{display:none}</style>'\" "
    "onmouseover='x'\u2028\u202e\u200f=cmd|' /C calc'!A0" + "n" * 300
)
AUDITS: dict[str, Callable[[], dict[str, Any]]] = {
    "small": lambda: audits.audit(12),
    "medium": lambda: audits.audit(200),
    "past": lambda: audits.audit_with_history(200),
    "large": lambda: audits.audit_with_history(3000),
    "hostile": lambda: audits.shouted(audits.audit_with_history(60), HOSTILE),
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """The browser, up."""
    with Chromium() as started:
        yield started


@pytest.fixture(autouse=True)
def scripts_are_on(browser: Chromium) -> None:
    """A test before may have switched them off."""
    browser.scripts(True)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The path of each page by name."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name, make in AUDITS.items():
        made[name] = folder / f"{name}.html"
        made[name].write_text(report_html.render(read(make())), encoding="utf-8")
    return made
