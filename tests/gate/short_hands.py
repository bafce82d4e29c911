# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short hands for tests of the gate: variables, policies, files of hosts and of the rollout."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import POLICY, GateLab

ONE = ("-e", '{"kernel_mem_audit_serial": [1, "100%"]}')
"""A canary, then the rest."""
TWO = ("-e", '{"kernel_mem_audit_serial": [2, "100%"]}')
GATE = "fleetaudit.kernel_memory.gate"
REASON = "The vendor says so, case 4711."


def given(**variables: object) -> tuple[str, str]:
    """Variables of the role, as extra variables."""
    return ("-e", json.dumps({f"kernel_mem_audit_{name}": value for name, value in variables.items()}))


def policy(environment: str = "production", **gate: object) -> dict[str, object]:
    """The lab's policy with other gate settings in an environment."""
    return {"environments": {environment: {"gate": {**POLICY["environments"]["production"]["gate"], **gate}}}}


def meminfo(lab: GateLab, host: str, when: str = "next") -> Path:
    """The counters of a host now, or after its next reboot."""
    return lab.folder / "hosts" / host / when / "proc" / "meminfo"


def hook(lab: GateLab, name: str, text: str) -> str:
    """A file of tasks; ``LAB`` stands for the lab's folder. Returns its path."""
    path = lab.folder / name
    path.write_text(text.replace("LAB", str(lab.folder)))
    return str(path)


def state(lab: GateLab) -> Path:
    """The folder of the rollout."""
    return lab.folder / "work" / "gate" / "rollout"


def record(lab: GateLab, host: str) -> dict[str, object]:
    """What the rollout's folder says of a host."""
    found: dict[str, object] = json.loads((state(lab) / "hosts" / f"{host}.json").read_text())
    return found


def trail(lab: GateLab) -> list[Mapping[str, object]]:
    """The lines of the trail."""
    return [json.loads(line) for line in (state(lab) / "trail.jsonl").read_text().splitlines()]


def good(number: int) -> dict[str, str]:
    """So many hosts that come back well."""
    return {f"web{place}": "good" for place in range(1, number + 1)}


def change_meminfo(path: Path, **differences: int) -> None:
    """Add so many KiB to counters."""
    lines = []
    for line in path.read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in differences:
            line = f"{name}:       {int(rest.split()[0]) + differences[name]} kB"
        lines.append(line)
    path.write_text("\n".join(lines) + "\n")
