# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that a picture is made of: a rollout that a gate stops, and an investigation of this machine while it leaks."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import COLLECTIONS, place_for_servers

COLOURS = {"1;31": "#d5303e", "33": "#9a6700", "35": "#a347ba", "32": "#1a7f37", "1": "inherit", "36": "#0a7ea4"}
SCREEN = {"ANSIBLE_STDOUT_CALLBACK": "fleetaudit.kernel_memory.quiet", "ANSIBLE_FORCE_COLOR": "true"}
LEAKING = "ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaking"
BYTES_A_SECOND = 3 << 20


def stopped_rollout() -> str:
    """Return what a terminal shows of a rollout whose first batch has a regression."""
    with place_for_servers() as name:
        lab = GateLab(Path(name), 6)
        lab.start()
        try:
            lab.hosts({f"web{place}": "regression" if place == 2 else "good" for place in range(1, 7)})
            batches = ("-e", '{"kernel_mem_audit_serial": [2, "100%"]}')
            said = lab.rolling(*batches, policy=None, **SCREEN).output
        finally:
            lab.stop()
        return said.replace(str(lab.folder / "work"), "/srv")


def investigation(folder: Path) -> Path:
    """Return the page of an investigation while packet rings are opened here."""
    here = str(COLLECTIONS)
    surroundings = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": here, "PYTHONPATH": here}
    leak = [sys.executable, "-S", "-m", LEAKING, "packet_rings", str(BYTES_A_SECOND)]
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "fleetaudit.kernel_memory.investigate",
        *("-i", "web1,", "-c", "local", "-e", "kernel_mem_audit_report_dir=reports"),
        *("-e", "kernel_mem_audit_trace=true", "-e", "kernel_mem_audit_trace_load=8"),
    ]
    with subprocess.Popen(leak, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            subprocess.run(command, cwd=folder, env=surroundings, check=True)
        finally:
            process.communicate(b"end")
    return folder / "reports" / "investigation.html"


def as_page(text: str) -> str:
    """Return a page that looks as a terminal does with these lines."""

    def span(match: re.Match[str]) -> str:
        return f'<b style="color:{COLOURS[match[1]]}">{match[2]}</b>'

    shown = re.sub("\x1b\\[([0-9;]+)m(.*?)\x1b\\[0m", span, html.escape(text.strip("\n")))
    return (
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<body style="margin:12px;font:13px/1.45 monospace"><pre style="margin:0">{shown}</pre>'
    )
