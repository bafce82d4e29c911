# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tracefs of this machine, which tests mount for themselves where there is none; the product mounts none."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


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
"""Why this machine can't be traced, or None."""


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
