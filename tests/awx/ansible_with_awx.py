# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible that finds AWX's modules."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import COLLECTIONS


def with_modules(folder: Path, modules: Path) -> Ansible:
    """Return Ansible in *folder*, with the collections in *modules*."""
    made = Ansible(folder)
    made.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{COLLECTIONS}:{modules}"
    made.environment["ANSIBLE_DEPRECATION_WARNINGS"] = "false"
    return made
