# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""vmalloc and per-CPU memory can be grown with BPF maps only, which most kernels leave to root; all the rest needs
no privilege.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GROWING = str(Path(__file__).with_name("growing.py"))


def why_no_bpf_map() -> str | None:
    """Why no BPF map can be made here, or None where it can."""
    said = subprocess.run(
        [sys.executable, "-I", "-S", GROWING, "vmalloc", "1"],
        input="grow\nshrink\n",
        capture_output=True,
        text=True,
        check=False,
    )
    return None if said.returncode == 0 else said.stderr.strip()


NO_BPF_MAP = why_no_bpf_map()
collect_ignore = ["test_growth_by_bpf_maps.py"] if NO_BPF_MAP else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what is left out."""
    if NO_BPF_MAP:
        terminalreporter.write_line(f"Left out: growth of vmalloc and per-CPU memory ({NO_BPF_MAP}; it needs root).")
