# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of this collection that its outputs tell people to run."""

from __future__ import annotations

import shlex

INVESTIGATE = "ansible-playbook fleetaudit.kernel_memory.investigate"


def investigate_command(host: str) -> str:
    """Return what finds out who makes the kernel memory of a host grow, ready for a shell."""
    return f"{INVESTIGATE} --limit {shlex.quote(host)} --become"
