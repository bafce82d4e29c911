# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation as a site: it is built without a warning, and has each guide and each plugin."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as make site builds it; a warning of Sphinx ends it with an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [ROOT / ".venv" / "site" / "bin" / "python", ROOT / "tools" / "site.py", folder]
    said = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert said.returncode == 0, said.stdout
    return folder


@pytest.mark.parametrize("guide", GUIDES)
def test_every_guide_is_on_the_site_and_in_its_contents(guide: str, site: Path) -> None:
    """What is not in the contents is found by nobody."""
    assert (site / f"{guide}.html").is_file()
    assert f'href="{guide}.html"' in (site / "contents.html").read_text(encoding="utf-8")


def test_every_module_plugin_and_the_role_has_a_page(site: Path) -> None:
    """Made from the same text as ansible-doc shows."""
    for kind, folder in (("module", "modules"), ("filter", "filter"), ("callback", "callback"), ("lookup", "lookup")):
        for path in (ROOT / "plugins" / folder).glob("*.py"):
            assert (site / "plugins" / f"{path.stem}_{kind}.html").is_file(), path
    assert (site / "plugins" / "kernel_mem_audit_role.html").is_file()


def test_no_link_leads_out_of_the_site_into_nothing(site: Path) -> None:
    """What a guide says of a file of the project leads to the forge."""
    for page in site.glob("*.html"):
        targets = re.findall(r'<a [^>]*href="([^"#:?]+)(?:#[^"]*)?"', page.read_text(encoding="utf-8"))
        assert [one for one in targets if not (page.parent / one).exists()] == [], page.name


def test_pages_ask_no_other_server(site: Path) -> None:
    """It is read on machines without a way out, too."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r'<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)="https?:', text), page.name
