# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A release is made of a checkout by one command, or refused in one sentence that leaves everything as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from checkout import copy_checkout

LINT = ROOT / ".venv" / "lint" / "bin"
NEXT = "9.8.7"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout, as a repository of its own."""
    folder = tmp_path / "checkout"
    copy_checkout(ROOT, folder)
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "t"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def release(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Type the command of CONTRIBUTING.md."""
    return subprocess.run(
        [LINT / "python", "tools/release.py", *arguments],
        cwd=checkout,
        env={**os.environ, "PATH": f"{LINT}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def changed(checkout: Path) -> str:
    """What git finds changed."""
    return subprocess.run(["git", "status", "--short"], cwd=checkout, capture_output=True, text=True, check=True).stdout


def test_the_fragments_become_the_change_log(checkout: Path) -> None:
    """In both forms; they are gone afterwards, and the workflow of the forge lets the tag through."""
    (checkout / "changelogs" / "fragments" / "one.yml").write_text("minor_changes: [This is new.]\n")
    said = release(checkout, NEXT, "2027-01-31")
    assert said.returncode == 0, said.stderr
    assert yaml.safe_load((checkout / "galaxy.yml").read_text())["version"] == NEXT
    stated = checkout / "plugins" / "plugin_utils" / "model" / "version.py"
    assert f'\nVERSION = "{NEXT}"\n' in stated.read_text()
    assert f"v{NEXT}\n" in (checkout / "CHANGELOG.rst").read_text() and "This is new" in in_markdown(checkout)
    assert not list((checkout / "changelogs" / "fragments").glob("*.yml"))
    jobs = yaml.safe_load((checkout / ".github" / "workflows" / "release.yml").read_text())["jobs"]
    [script] = [step["run"] for step in jobs["release"]["steps"] if step.get("name", "").startswith("The tag is")]
    for tag, expected in ((NEXT, 0), ("9.8.8", 1)):
        done = subprocess.run(["bash", "-e", "-c", script], cwd=checkout, env={**os.environ, "GITHUB_REF_NAME": tag})
        assert done.returncode == expected, tag


def in_markdown(checkout: Path) -> str:
    """The change log as a forge shows it."""
    return (checkout / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "give a version such as 1.2.0"),
        (("1.2",), "give a version such as 1.2.0"),
        (("v9.8.7",), "give a version such as 1.2.0"),
        ((NEXT, "tomorrow"), "tomorrow is no day of the form YYYY-MM-DD"),
        (("0.0.1",), "0.0.1 is not after"),
    ],
)
def test_what_is_no_next_version_is_refused(checkout: Path, arguments: tuple[str, ...], sentence: str) -> None:
    """In one sentence, and nothing is changed."""
    said = release(checkout, *arguments)
    assert (said.returncode, said.stdout) == (1, "") and sentence in said.stderr and said.stderr.count("\n") == 1
    assert changed(checkout) == ""


def test_without_a_fragment_there_is_nothing_to_release(checkout: Path) -> None:
    """A version that says nothing of itself helps nobody."""
    for path in (checkout / "changelogs" / "fragments").glob("*.yml"):
        path.unlink()
    assert "nothing has changed" in release(checkout, NEXT).stderr


def test_a_change_log_that_can_not_be_made_leaves_the_version(checkout: Path) -> None:
    """Two summaries of one release, say."""
    for name in ("one", "two"):
        (checkout / "changelogs" / "fragments" / f"{name}.yml").write_text("release_summary: Twice.\n")
    before = (checkout / "galaxy.yml").read_text()
    said = release(checkout, NEXT)
    assert said.returncode == 1 and "release_summary" in said.stderr
    assert (checkout / "galaxy.yml").read_text() == before
