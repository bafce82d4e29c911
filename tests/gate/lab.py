# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Try a rolling upgrade that goes wrong, on this machine: thirteen loopback SSH hosts, three canaries with a
regression.

Nothing of this machine is upgraded or rebooted: the hosts show saved /proc trees, and a "reboot" swaps one for another.
The rollout's files are left in reports/gate-lab of the working folder.

Usage: .venv/newest/bin/python tests/gate/lab.py [--part PART] [ARGUMENT OF ansible-playbook ...]     (or: make
gate-lab)

PART is what the canaries do at their reboot: regression (default), small_regression, leak, old_kernel, not_rebooted,
down, noisy, broken_upgrade, or good.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import PARTS, GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers


def main(arguments: list[str]) -> int:
    """Run it, show what the play prints, and say what came of it."""
    part = "regression"
    if arguments[:1] == ["--part"] and len(arguments) > 1:
        part, arguments = arguments[1], arguments[2:]
    if part not in PARTS:
        sys.exit(f"There is no part {part!r}; there are {', '.join(PARTS)}.\n\n{__doc__}")
    with place_for_servers() as name:
        lab = GateLab(Path(name), 13)
        lab.start()
        try:
            lab.hosts({f"web{place:02}": part if place <= 3 else "good" for place in range(1, 14)})
            print("A rolling upgrade of 13 hosts from kernel 5.10 to 6.12, 3 canaries first ...", flush=True)
            os.environ.setdefault("ANSIBLE_STDOUT_CALLBACK", "fleetaudit.kernel_memory.quiet")
            outcome = lab.rolling(*arguments)
        finally:
            lab.stop()
        print(outcome.output)
        kept = Path("reports") / "gate-lab"
        shutil.rmtree(kept, ignore_errors=True)
        if (outcome.folder / "gate").is_dir():
            shutil.copytree(outcome.folder / "gate", kept)
    print(f"Exit code {outcome.exit_code}. Changed: {', '.join(outcome.touched) or 'no host'}.")
    if outcome.decision is not None:
        print(
            f"Decision: {outcome.word}. The rollout's files are in {kept}: rollout/decision.json, "
            "rollout/rollout.json, rollout/trail.jsonl."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
