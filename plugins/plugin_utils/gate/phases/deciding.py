# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases that come to a decision, with the leases on the hosts that they decide about."""

from __future__ import annotations

from ..json_files import Plain
from ..keeping import Keeping
from ..open_batch import hosts_of_batch
from ..run import GateRun
from .batch import close_untouched, decide_batch
from .begin import Begun, begin
from .check import decide_check
from .decide_before import decide_before
from .service import decide_service
from .soak import decide_soak


def begun(keeping: Keeping, run: GateRun) -> Begun:
    """Begin a batch, once nobody else is changing its hosts."""
    hosts = [*run.batch, *run.lost]
    keeping.take(hosts)
    made = begin(run)
    if not made.may_begin or not made.todo:
        keeping.give_up(hosts)
    return made


def decided(phase: str, keeping: Keeping, run: GateRun, within_days: float) -> Plain:
    """Return the decision of a phase."""
    if phase == "service":
        return decide_service(run)
    if phase == "check":
        return decide_check(run)
    if phase == "soak":
        return decide_soak(run, within_days)
    hosts = hosts_of_batch(run)
    keeping.take(hosts)
    if phase == "decide_before":
        decision = decide_before(run)
        is_over = decision["decision"] != "pass"
    else:
        decision = close_untouched(run) if keeping.is_check else decide_batch(run)
        is_over = True
    if is_over:
        keeping.give_up(hosts)
    return decision
