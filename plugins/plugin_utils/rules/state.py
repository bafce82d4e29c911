# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks on a host's state, asked one after the other: what a host's numbers say without a history and other
hosts.
"""

from __future__ import annotations

from ..checks.table import CHECKS
from ..model.finding import Judgement
from ..model.subject import Subject


def judge_state(subject: Subject) -> Judgement:
    """Ask every check. What a policy says of severities is applied to all findings at once, later."""
    judgement = Judgement()
    for name, check in CHECKS.items():
        answer = check.answer(subject)
        if isinstance(answer, str):
            judgement.not_judged[name] = answer
            continue
        judgement.judged.append(name)
        judgement.findings += [seen.finding(name) for seen in answer]
    return judgement
