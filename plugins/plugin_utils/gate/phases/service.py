# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``service``: once the hosts of a batch were brought back into service, may the rollout go on?"""

from __future__ import annotations

from ..decide import Verdict
from ..json_files import Plain
from ..open_batch import note_decision
from ..out_of_service import add_out_of_service, waiting_for_service
from ..run import GateRun


def decide_service(run: GateRun) -> Plain:
    """Decide, after the hosts of a batch were brought back into service, whether the rollout may go on."""
    rollout, decision = run.folder.read_rollout(), run.folder.read_decision()
    if rollout is None or decision is None:
        raise ValueError("No batch of this rollout was decided, so nobody can be brought back into service.")
    records = run.folder.read_hosts(rollout.targets)
    verdict = Verdict()
    for reason in decision["reasons"]:
        if reason["code"] != "not_in_service_yet":
            verdict.add(reason["decision"], reason["code"], reason["sentence"])
    out = [name for name in waiting_for_service(rollout, records) if name in run.batch]
    add_out_of_service(verdict, run, records, out)
    decision = {
        **decision,
        "phase": "service",
        "decision": verdict.decision,
        "sentence": verdict.sentence,
        "reasons": verdict.reasons,
    }
    note_decision(run, decision["batch"], run.batch, decision, (), ())
    run.folder.write_decision(decision)
    return decision
