# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first thing that the guide to the gate asks for: a rolling upgrade of a lab, which stops after its canaries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once


def test_the_lab_of_the_guide_stops_after_its_canaries(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Started by a user, who has no home of the tests."""
    # A short name: ssh keeps its sockets below the home, and a socket's path has at most 107 bytes.
    home = tmp_path_factory.mktemp("home")
    said = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("lab.py"))],
        cwd=home,
        env={**os.environ, "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout
    assert "Exit code 2. Changed: web01, web02, web03." in said.stdout, said.stdout
    assert "GATE FAIL: Unreclaimable slab is at least 2.24" in said.stdout, said.stdout
    decision = json.loads((home / "reports" / "gate-lab" / "rollout" / "decision.json").read_text())
    assert (decision["decision"], len(decision["state"]["untouched"])) == ("fail", 10)
