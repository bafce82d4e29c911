# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What these tests need of the machine: root, and a tracefs, which they mount for themselves where there is none.

``HYPOTHESIS_PROFILE=nightly`` makes the counts full: every kind of leak, twenty healthy investigations,
fifty kills at random moments, every step killed.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT

LEFT_OUT: list[str] = []
FIGURES: list[str] = []
"""Sentences on what was counted, told at the end."""
collect_ignore: list[str] = []


def mounted() -> Path | None:
    """Where a tracefs is mounted."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        words = line.split()
        if words[2] == "tracefs":
            return Path(words[1])
    return None


def can_mount() -> str | None:
    """Why no tracefs can be had here, or None."""
    if os.geteuid() != 0:
        return "it needs root"
    if mounted() is not None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            ["mount", "-t", "tracefs", "nodev", folder], stderr=subprocess.PIPE, text=True, check=False
        )
        if said.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return said.stderr.strip() if said.returncode else None


WHY_NOT = can_mount()
if WHY_NOT:
    collect_ignore += ["test_leaks.py", "test_kills.py", "test_beside_others.py"]
    LEFT_OUT.append(f"leaks that are traced, and kills while tracing ({WHY_NOT})")
if not IS_NIGHT:
    LEFT_OUT.append("the full counts of leaks, healthy hosts and kills (make nightly)")


@pytest.fixture
def figures() -> list[str]:
    """Where a test says what it counted."""
    return FIGURES


@pytest.fixture(scope="session")
def tracefs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A mounted tracefs; the product mounts none."""
    found = mounted()
    if found is not None:
        yield found
        return
    folder = tmp_path_factory.mktemp("tracefs")
    subprocess.run(["mount", "-t", "tracefs", "nodev", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was counted and what is left out."""
    for sentence in FIGURES:
        terminalreporter.write_line(f"Figure: {sentence}.")
    for sentence in LEFT_OUT:
        terminalreporter.write_line(f"Left out: {sentence}.")
