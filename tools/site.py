# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the documentation as a site: the guides of docs/, and a page for each module, plugin and the role.

Usage: .venv/site/bin/python tools/site.py [FOLDER]      (prepare.py site makes the environment; FOLDER is dist/site)

The guides stay as they are read on a forge. A link that leads out of docs/ leads to the forge on the site. A warning of
Sphinx, such as a link that leads nowhere, is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
NAME = "fleetaudit.kernel_memory"
SETTINGS = ROOT / "tools" / "site"
OUTSIDE = re.compile(r"\]\(\.\./([^)\s]+)\)")
MACROS = re.compile(r"```sql\n(?=--)")
"""Queries with macros of Grafana, which no highlighter takes for SQL."""


def main(arguments: Sequence[str]) -> int:
    """Build it, and say where it is."""
    target = Path(arguments[0] if arguments else ROOT / "dist" / "site").resolve()
    with tempfile.TemporaryDirectory() as made:
        source = Path(made) / "source"
        write_sources(source, galaxy())
        shutil.rmtree(target, ignore_errors=True)
        run(
            "sphinx-build", "-b", "html", "-q", "-W", "--keep-going", "-d", f"{made}/doctrees", str(source), str(target)
        )
    print(f"The site is in {target}; its first page is {target / 'index.html'}")
    return 0


def galaxy() -> dict[str, str]:
    """Return what galaxy.yml says."""
    said: dict[str, str] = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    return said


def write_sources(source: Path, collection: dict[str, str]) -> None:
    """Write what Sphinx reads: its settings, the guides, the change log, and the pages of plugins."""
    shutil.copytree(SETTINGS, source)
    shutil.copytree(ROOT / "docs", source, dirs_exist_ok=True, ignore=shutil.ignore_patterns("docsite"))
    if (ROOT / "CHANGELOG.md").exists():
        shutil.copy(ROOT / "CHANGELOG.md", source / "changelog.md")
    else:
        (source / "changelog.md").write_text("# Changes\n\nNothing is released yet.\n", encoding="utf-8")
    forge = f"{collection['repository']}/blob/main"
    for guide in source.glob("*.md"):
        text = guide.read_text(encoding="utf-8")
        text = OUTSIDE.sub(lambda found: f"]({forge}/{found[1]})", text)
        guide.write_text(MACROS.sub("```text\n", text), encoding="utf-8")
    settings = source / "conf.py"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("VERSION", collection["version"]), encoding="utf-8"
    )
    plugins = source / "plugins"
    plugins.mkdir()
    run("antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--dest-dir", str(plugins), NAME)


def run(program: str, *arguments: str) -> None:
    """Run a program beside this Python, or end with what it says."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *arguments],
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            # antsibull-docs calls ansible-doc and ansible-galaxy.
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.exit(f"site: {program} failed:\n{done.stdout.decode('utf-8', 'replace')[-20000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
