# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``check``: are the hosts of the play healthy now, without a change at hand?"""

from __future__ import annotations

from ...words.labels import hosts_phrase
from ..answer_check import answer_check
from ..decide import Verdict, judge_environment
from ..decision import decision_of
from ..host_record import HostAnswer
from ..json_files import Plain
from ..now import finished, look_of_this_run, looked_at
from ..run import GateRun


def decide_check(run: GateRun) -> Plain:
    """Decide whether the hosts of the play are healthy now."""
    records = looked_at(run)
    verdict, numbers = Verdict(), []
    answers: dict[str, HostAnswer] = {}
    looks = {name: look_of_this_run(run, record) for name, record in records.items()}
    judged = run.judge(looks)
    for environment, members in run.by_environment(records.values()).items():
        settings = run.settings(environment)
        chosen = {
            record.host: answer_check(looks[record.host], judged.get(record.host), settings) for record in members
        }
        bad = [name for name, answer in chosen.items() if answer["outcome"] == "bad"]
        numbers.append(judge_environment(verdict, environment, chosen, bad, len(chosen), settings, "fail"))
        answers.update(chosen)
    if all(one.is_unknown for one in judged.values()):
        verdict.add(
            "inconclusive",
            "nobody_seen",
            f"None of {hosts_phrase(len(records))} gave data, and no policy makes that a pass.",
        )
    return finished(run, "check", verdict, decision_of(run, "check", verdict, records, answers, numbers=numbers))
