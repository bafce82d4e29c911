# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command kernel-memory of the wheel: that of the collection which is installed beside it."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

COMMAND = Path(__file__).resolve().parent / "ansible_collections" / "fleetaudit" / "kernel_memory" / "cli"


def main() -> None:
    """Run the command, as ``python cli`` does."""
    sys.argv[0] = "kernel-memory"
    runpy.run_path(str(COMMAND), run_name="__main__")
