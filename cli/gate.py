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
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CODES = {"pass": 0, "fail": 10, "inconclusive": 11, "hold": 12}
DIRECTORY = "kernel_mem_audit_gate_dir="


def decisions(arguments: Sequence[str]) -> dict[Path, int]:
    """The decisions that are on disk, with the time when each was written."""
    folder = next((word[len(DIRECTORY) :] for word in arguments if word.startswith(DIRECTORY)), "gate")
    return {path: path.stat().st_mtime_ns for path in Path(folder).expanduser().glob("*/decision.json")}


def main(arguments: Sequence[str]) -> int:
    """Run it, and return the exit code."""
    if not arguments:
        print(__doc__)
        return 2
    before = decisions(arguments)
    code = subprocess.call([arguments[0], "fleetaudit.kernel_memory.gate", *arguments[1:]])
    written = {path: moment for path, moment in decisions(arguments).items() if before.get(path) != moment}
    if not written:
        print(f"gate: no decision was written; ansible-playbook ended with {code}.")
        return code or 2
    decision = json.loads(max(written, key=lambda path: written[path]).read_text(encoding="utf-8"))
    if decision["phase"] == "plan":
        print(f"gate: the run ended before it decided anything; ansible-playbook ended with {code}.")
        return code or 2
    print(
        "gate: {}: {}".format(decision["decision"], decision["sentence"].encode("ascii", "backslashreplace").decode())
    )
    # A pass in the file of a run that failed otherwise is none.
    return CODES[decision["decision"]] if (code == 0) == (decision["decision"] == "pass") else code or 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
