# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which transport asks a host first, and which one next where that brought nothing."""

from __future__ import annotations

AUTO, LEAN, MODULE, SHELL = "auto", "lean", "module", "shell"

BY_COMMAND = (AUTO, LEAN, SHELL)
"""Those that need no more than a command with standard input."""


def first_transport(wanted: str) -> str:
    """Return what asks a host first, where *wanted* is the setting."""
    return LEAN if wanted == AUTO else wanted


def next_transport(wanted: str, tried: str, outcome: str) -> str | None:
    """Return what asks next where *tried* ended with an outcome; None where nothing else may."""
    return SHELL if wanted == AUTO and tried == LEAN and outcome == "no_python" else None
