# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a gate playbook and end with an exit code of its own for each decision, which ansible-playbook can't.

Usage: gate.py PATH-OF-ansible-playbook [ARGUMENT ...]     Runs fleetaudit.kernel_memory.gate with the arguments.

Exit codes: 0 pass, 10 fail, 11 inconclusive, 12 hold; otherwise that of ansible-playbook, which came to no decision.
Needs Python 3.9.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

CODES = {"pass": 0, "fail": 10, "inconclusive": 11, "hold": 12}
TOLD = "KERNEL_MEM_AUDIT_GATE_TOLD"
"""The play adds a line for each decision to the file that this variable names: only it knows where its folder is."""


def last_decision(lines: str) -> dict[str, str]:
    """The last decision that the play has told; empty where it has told none."""
    decisions: list[dict[str, str]] = [json.loads(line) for line in lines.splitlines()]
    return decisions[-1] if decisions else {}


def main(arguments: Sequence[str]) -> int:
    """Run it, and return the exit code."""
    if not arguments:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "decisions.jsonl"
        told.touch()
        command = [arguments[0], "fleetaudit.kernel_memory.gate", *arguments[1:]]
        code = subprocess.call(command, env={**os.environ, TOLD: str(told)})
        decision = last_decision(told.read_text(encoding="utf-8"))
    if not decision:
        print(f"gate: no decision was made; ansible-playbook ended with {code}.")
        return code or 2
    if decision["phase"] == "plan":
        print(f"gate: the run ended before it decided anything; ansible-playbook ended with {code}.")
        return code or 2
    print(
        "gate: {}: {}".format(decision["decision"], decision["sentence"].encode("ascii", "backslashreplace").decode())
    )
    # A pass of a run that failed otherwise is none.
    return CODES[decision["decision"]] if (code == 0) == (decision["decision"] == "pass") else code or 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
