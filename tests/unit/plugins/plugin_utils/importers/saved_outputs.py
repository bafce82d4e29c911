# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other tools really printed, saved."""

from __future__ import annotations

from pathlib import Path

HISTORY = Path(__file__).parents[4] / "samples" / "history"


def saved_output(name: str) -> str:
    """A saved output."""
    return (HISTORY / name).read_text()
