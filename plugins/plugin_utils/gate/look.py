# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at one host changes in the host's file. Called by the worker that looked, and by nobody else at that
time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model.times import DAY
from .before_after import earlier_of, kernel_of
from .begin import DONE
from .host import answer_before, is_sick
from .run import GateRun

Look = Mapping[str, Any]

YOUNG = DAY
"""Only looks in the first day of a boot are kept for later: that is when the hosts of the next rollout will be
compared.
"""


def is_done(run: GateRun, host: str) -> bool:
    """Return whether the rollout is through with a host, so that it is not even looked at."""
    return run.folder.read_host(host)["status"] in DONE


def keep_look(run: GateRun, host: str, environment: str, one: Look) -> dict[str, Any]:
    """Keep a look at a host as it is now. Of an untouched host it is also what it is compared with, until there is a
    later one.
    """
    findings = run.findings(host, one, environment)
    one = _short(one, findings)
    record = {**run.folder.read_host(host), "environment": environment, "now": {**one, "run_id": run.run_id}}
    if one["outcome"] == "facts":
        # What hosts that are not changed have grown by in the meantime is counted from here.
        record.setdefault("first", dict(one))
    if record["status"] == "untouched":
        record["reference"] = dict(one)
        record["sick"] = is_sick(findings, run.settings(environment))
    run.folder.write_host(record)
    if one["facts"] is not None and (one["facts"]["host"]["uptime_seconds"] or YOUNG) < YOUNG:
        run.folder.add_earlier(host, earlier_of(one["facts"]))
    return {"host": host, "outcome": one["outcome"], "done": record["status"] in DONE}


def keep_before(run: GateRun, host: str, environment: str, one: Look) -> dict[str, Any]:
    """Keep the look before a host is changed, and say whether it may be.

    A host that an earlier run of the rollout has changed already is judged again and not changed once more.
    """
    record = run.folder.read_host(host)
    again = _is_changed(record, one)
    findings = run.findings(host, one, environment)
    one = _short(one, findings)
    answer = {**answer_before(one, findings, run.settings(environment)), "judged_again": again}
    if again:
        answer.update(may_touch=False, outcome="good")
    record = {
        **record,
        "environment": environment,
        "run_id": run.run_id,
        "before_answer": answer,
        "now": None,
        "step_failed": None,
    }
    # What is known from after an earlier try is no answer to this one.
    record.update(after=None, settled=None)
    if record["status"] in ("untouched", "unfit"):
        record.update(reference=dict(one), sick=answer["sick"], after_answer=None, attempt=None)
    if again or answer["may_touch"]:
        facts = one["facts"] or {"host": {"boot_id": None, "kernel_release": None, "architecture": None}}
        record["attempt"] = {
            "run_id": run.run_id,
            "taken_at": one["taken_at"],
            "boot_id": facts["host"]["boot_id"],
            "kernel": kernel_of(facts),
            "judged_again": again,
        }
        record["status"] = "begun"
    elif record["status"] in ("untouched", "unfit"):
        record["status"] = "unfit"
    run.folder.write_host(record)
    return {
        "host": host,
        "outcome": answer["outcome"],
        "done": False,
        "touch": bool(answer["may_touch"]),
        "judge": bool(again or answer["may_touch"]),
        "judged_again": again,
        "reasons": [reason["sentence"] for reason in answer["reasons"]],
    }


def keep_after(
    run: GateRun, host: str, environment: str, looks: Sequence[Look], why: str | None, waited: int
) -> dict[str, Any]:
    """Keep the last of the looks after a host was changed; *why* is the reason it has not settled, if it has not."""
    record = run.folder.read_host(host)
    last = _short(looks[-1], run.findings(host, looks[-1], environment))
    settled = {
        "is_settled": why is None,
        "reason": None if why is None else f"It has not settled within {waited} s: {why}",
        "looks": len(looks),
    }
    run.folder.write_host({**record, "after": last, "settled": settled, "waited_seconds": waited})
    return {
        "host": host,
        "outcome": last["outcome"],
        "settled": why is None,
        "looks": len(looks),
        "waited_seconds": waited,
        "reason": settled["reason"],
    }


def keep_failed_step(run: GateRun, host: str, one: Look, message: str) -> dict[str, Any]:
    """Note that a step of the change failed on a host, with a look at what it left."""
    record = run.folder.read_host(host)
    run.folder.write_host({**record, "step_failed": message, "after": dict(one), "settled": None})
    return {"host": host, "outcome": one["outcome"], "step_failed": message}


def _short(one: Look, findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a look without its attribution, which is by far its largest part, where there is nothing to attribute."""
    if findings or one["facts"] is None:
        return dict(one)
    return {**one, "facts": {**one["facts"], "attribution": {}}}


def _is_changed(record: Mapping[str, Any], one: Look) -> bool:
    """Return whether a host that was touched before runs another kernel than it did, after another boot."""
    before = record.get("reference")
    if (
        record["status"] not in ("begun", "bad", "refused")
        or one["outcome"] != "facts"
        or before is None
        or before["outcome"] != "facts"
    ):
        return False
    old, new = before["facts"], one["facts"]
    return bool(kernel_of(old) != kernel_of(new) and old["host"]["boot_id"] != new["host"]["boot_id"])
