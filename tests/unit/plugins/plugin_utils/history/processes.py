# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for other processes by what they have done, not by the clock on the wall."""

from __future__ import annotations

import time


def wait_for_cpu(process: int, seconds: float) -> None:
    """Wait until a process has used so much CPU time, however busy the machine is with others."""
    clock = (~process << 3) | 2  # of a whole process: see clock_getcpuclockid(3)
    while time.clock_gettime(clock) < seconds:
        time.sleep(0.0005)
