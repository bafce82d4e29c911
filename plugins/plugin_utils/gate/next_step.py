# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do next after a decision that is no pass: whom to look at, and the command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..words.labels import some_names
from .json_files import Plain

_MOST_NAMES = 5
_OF_MEMORY = ("worse", "finding", "new_finding", "worse_finding", "growth")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and what to type for it; empty where nothing is."""

    words: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.words}: {self.command}" if self.command else self.words


_OVERRIDE = Step("to go on in spite of it add", """-e '{"kernel_mem_audit_override": "the reason in words"}'""")
_AGAIN = Step("then run the same command again")


def next_step(decision: Plain) -> str | None:
    """Return what to do next in one line, or None where the rollout goes on."""
    steps = next_steps(decision)
    return "; ".join(map(str, steps)) + "." if steps else None


def next_steps(decision: Plain) -> list[Step]:
    """Return what to do next, nothing where the rollout goes on."""
    if decision["decision"] == "pass":
        return []
    codes = [str(reason["code"]) for reason in decision["reasons"] if reason["decision"] == decision["decision"]]
    return [*_look_at(decision), *_run_again(decision, codes)]


def _look_at(decision: Plain) -> list[Step]:
    concerned = _concerned(decision)
    if not concerned:
        return []
    names = some_names(list(concerned), _MOST_NAMES)
    about_memory = [name for name, host in concerned.items() if _grows(host)]
    if about_memory:
        pattern = ",".join(about_memory[:_MOST_NAMES])
        command = f"ansible-playbook fleetaudit.kernel_memory.investigate --become --limit '{pattern}'"
        return [Step(f"look at {names}, and see what grows there", command)]
    return [Step(f"look at {names}, and repair what is said of {'it' if len(concerned) == 1 else 'them'}")]


def _run_again(decision: Plain, codes: Sequence[str]) -> list[Step]:
    phase = decision["phase"]
    if "too_soon" in codes:
        return [Step("run the same command again when that time has passed")]
    if phase in ("check", "soak"):
        return [_AGAIN, _OVERRIDE]
    if phase == "service":
        return [Step(f"{_AGAIN}, which tries it again")]
    if "stopped_before" in codes:
        return [Step("run the command with all hosts of the rollout, without a limit that leaves them out"), _OVERRIDE]
    if phase == "before":
        return [Step(f"{_AGAIN} (nothing was changed)")]
    return [Step(f"{_AGAIN}, which judges changed hosts again and does not change them again"), _OVERRIDE]


def _concerned(decision: Plain) -> dict[str, Plain]:
    """Return the hosts that a decision is about, in the order of their names."""
    wanted = ("inconclusive",) if decision["decision"] == "inconclusive" else ("bad", "inconclusive")
    for outcome in wanted:
        hosts = {str(host["name"]): host for host in decision["hosts"] if host["outcome"] == outcome}
        if hosts:
            return dict(sorted(hosts.items()))
    return {}


def _grows(host: Plain) -> bool:
    return any(reason["code"] in _OF_MEMORY and reason["treatment"] != "accept" for reason in host["reasons"])
