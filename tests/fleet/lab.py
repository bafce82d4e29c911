# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audit the test fleet as a user would, show what the play prints, and leave the report in reports/ of the working
folder.

Usage: .venv/newest/bin/python tests/fleet/lab.py [ARGUMENT OF ansible-playbook ...]     (or: make lab)
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import loopback_fleet

with loopback_fleet() as fleet:
    audit = fleet.audit("lab", *sys.argv[1:])
    kept = Path("reports") / f"lab-{audit['report'].name}"
    shutil.copytree(audit["report"], kept)
    print(audit["output"])
    print(f"Kept in {kept}.")
