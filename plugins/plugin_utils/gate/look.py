# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at one host changes in the host's file. Called by the worker that looked, and by nobody else at that
time.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from ..model.times import DAY
from .before_after import earlier_of, is_exact, kernel_of
from .begin import open_batch
from .host import answer_before
from .rollout_shapes import (
    DONE,
    NOT_TOUCHED,
    TOUCHED,
    Attempt,
    HostAnswer,
    HostRecord,
    Look,
    Plain,
    Service,
    Settled,
    Touch,
    attempt_of,
)
from .run import GateRun

YOUNG = DAY
"""Only looks in the first day of a boot are kept for later: that is when the hosts of the next rollout will be
compared.
"""


def is_done(run: GateRun, host: str) -> bool:
    """Return whether the rollout is through with a host, so that it is not even looked at."""
    return run.folder.read_host(host)["status"] in DONE


def keep_look(run: GateRun, host: str, environment: str, one: Look) -> Plain:
    """Keep a look at a host as it is now. Of an untouched host it is also what it is compared with, until there is a
    later one.
    """
    record: HostRecord = {
        **run.folder.read_host(host),
        "environment": environment,
        "now": {**one, "run_id": run.run_id},
    }
    if one["outcome"] == "facts":
        # What hosts that are not changed have grown by in the meantime is counted from here.
        record.setdefault("first", one)
    if record["status"] == "untouched":
        # A look at an older kernel is kept until it is decided that the host is to be changed from where it is now.
        record["reference"] = _kept_reference(record.get("reference"), one)
        record["sick"] = None
    run.folder.write_host(record)
    if one["facts"] is not None and (one["facts"]["host"]["uptime_seconds"] or YOUNG) < YOUNG:
        run.folder.add_earlier(host, earlier_of(one["facts"]))
    return {"host": host, "outcome": one["outcome"], "done": record["status"] in DONE}


def keep_before(run: GateRun, host: str, environment: str, one: Look) -> Touch:
    """Keep the look before a host is changed, and say whether it may be, as far as the host alone can tell.

    A host that an earlier run of the rollout has changed already, or that runs the wished kernel at its first look, is
    judged and not changed. Nothing is begun here: that comes when the whole batch was let through (``keep_touch``).
    """
    state = run.folder.read_rollout()
    record = run.folder.read_host(host)
    if open_batch(state, run.run_id, host) is None:
        return _answered(host, "refused", ["No batch of this run is open, so no host may be touched."])
    expected = (state or {}).get("expected_kernel")
    is_new = record["status"] in NOT_TOUCHED
    there = is_new and _is_there(one, expected, bool((state or {}).get("wish_divides")))
    again = there or _is_changed(record, one, expected)
    answer: HostAnswer = {**answer_before(one, run.settings(environment)), "judged_again": again}
    if again:
        answer["may_touch"], answer["outcome"] = False, "good"
    facts = one["facts"] or {"host": {"boot_id": None, "kernel_release": None, "architecture": None}}
    record = {
        **record,
        "environment": environment,
        "run_id": run.run_id,
        "before_answer": answer,
        "candidate": {
            "taken_at": one["taken_at"],
            "boot_id": facts["host"]["boot_id"],
            "kernel": kernel_of(facts),
            "judged_again": again,
            "was_there": there or bool(again and attempt_of(record).get("was_there")),
        },
        "now": None,
        "step_failed": None,
    }
    # What is known from after an earlier try is no answer to this one.
    record["after"] = record["settled"] = None
    if is_new:
        reference = _other_kernel(record.get("reference"), one) if there else one
        record["reference"] = reference
        record["sick"] = record["after_answer"] = record["attempt"] = None
        record["status"] = "fit" if again or answer["may_touch"] else "unfit"
    run.folder.write_host(record)
    reasons = [reason["sentence"] for reason in answer["reasons"]]
    return {**_answered(host, answer["outcome"], reasons), "judged_again": again}


def keep_touch(run: GateRun, host: str) -> Touch:
    """Say whether a host may be changed now that its batch was let through, and write down that it is begun, before
    anything is done to it.
    """
    record = run.folder.read_host(host)
    batch = open_batch(run.folder.read_rollout(), run.run_id, host)
    serve = record["status"] in DONE and record.get("in_service") is False
    if batch is None or not batch.get("may_touch") or record.get("run_id") != run.run_id or record["status"] in DONE:
        return {**_answered(host, "done" if record["status"] in DONE else "refused", []), "serve": serve}
    answer = record["before_answer"] or HostAnswer()
    again = bool(answer.get("judged_again"))
    may_touch = bool(answer.get("may_touch")) and not again
    if may_touch or again:
        attempt: Attempt = {**record["candidate"], "run_id": run.run_id}
        run.folder.write_host({**record, "attempt": attempt, "status": "begun"})
    reasons = [reason["sentence"] for reason in answer.get("reasons") or ()]
    made = _answered(host, str(answer.get("outcome")), reasons)
    return {**made, "touch": may_touch, "judge": may_touch or again, "judged_again": again}


def keep_service(run: GateRun, host: str, message: str | None) -> Plain:
    """Note that a host was brought back into service, or with *message* why not."""
    record = run.folder.read_host(host)
    service: Service = {"run_id": run.run_id, "at": run.now, "message": message}
    run.folder.write_host({**record, "in_service": message is None, "service": service})
    return {"host": host, "in_service": message is None}


def _answered(host: str, outcome: str, reasons: list[str]) -> Touch:
    return {
        "host": host,
        "outcome": outcome,
        "done": outcome == "done",
        "touch": False,
        "judge": False,
        "serve": False,
        "judged_again": False,
        "reasons": reasons,
    }


def keep_after(run: GateRun, host: str, looks: Sequence[Look], why: str | None, waited: int) -> Plain:
    """Keep the last of the looks after a host was changed; *why* is the reason it has not settled, if it has not."""
    record = run.folder.read_host(host)
    last = looks[-1]
    settled: Settled = {
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


def keep_failed_step(run: GateRun, host: str, one: Look, message: str) -> Plain:
    """Note that a step of the change failed on a host, with a look at what it left."""
    record = run.folder.read_host(host)
    run.folder.write_host({**record, "step_failed": message, "after": one, "settled": None})
    return {"host": host, "outcome": one["outcome"], "step_failed": message}


def _is_changed(record: HostRecord, one: Look, expected: str | None) -> bool:
    """Return whether a host that was touched before has been changed since, and so is to be judged and not touched.

    Another boot than that from which it was changed, with another kernel or exactly the wished one, is enough.
    """
    attempt = attempt_of(record)
    if record["status"] not in TOUCHED or one["outcome"] != "facts":
        return False
    boot, kernel = one["facts"]["host"]["boot_id"], kernel_of(one["facts"])
    if attempt.get("judged_again") and attempt.get("kernel") == kernel:
        return True
    before = record.get("reference")
    if before is not None and before["outcome"] == "facts":
        old_boot, old_kernel = before["facts"]["host"]["boot_id"], kernel_of(before["facts"])
    else:
        old_boot, old_kernel = attempt.get("boot_id"), str(attempt.get("kernel"))
    if boot is None or boot == old_boot:
        return False
    return bool(kernel != old_kernel or (is_exact(expected) and one["facts"]["host"]["kernel_release"] == expected))


def _is_there(one: Look, expected: str | None, divides: bool) -> bool:
    """Return whether a host that the rollout has not touched runs the wished kernel already.

    A wish with wildcards that every host fulfils says nothing: the kernel to come may fulfil it just as the old one.
    """
    if expected is None or one["outcome"] != "facts" or not (divides or is_exact(expected)):
        return False
    return fnmatchcase(one["facts"]["host"]["kernel_release"] or "", expected)


def _kept_reference(kept: Look | None, one: Look) -> Look:
    older = _other_kernel(kept, one) if one["outcome"] == "facts" else None
    return one if older is None else older


def _other_kernel(kept: Look | None, one: Look) -> Look | None:
    """Return the look that was kept from before, where it is one at another kernel."""
    if kept is None or kept["outcome"] != "facts" or kernel_of(kept["facts"]) == kernel_of(one["facts"]):
        return None
    return kept
