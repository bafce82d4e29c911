# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The older copies of hosts, kept in a history at the times at which they were made, so that the newest has a past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ...module_utils.account.facts import build_facts
from ...module_utils.collect.loader import load
from ...module_utils.collect.reader import read
from ...module_utils.collect.subsets import resolve_subsets
from ..facts.facts import checked_facts
from ..history.store import HistoryStore, RunRecord
from ..model.facts import Facts
from ..model.owners import owners_sample
from ..model.sample import sample_of
from ..model.times import utc_text
from ..model.version import VERSION
from .copies import Copy, SavedHost

SOURCE = "saved"
"""What the runs of older copies are from. None of them was reported, so nothing is compared with them."""


def keep_older_copies(store: HistoryStore, hosts: Iterable[SavedHost], deadline: int, now: int) -> list[str]:
    """Keep all but the newest copy of each host, a run for each moment; return sentences on those that tell nothing.

    The same copies make the same runs, so whoever audits them again adds nothing.
    """
    problems: list[str] = []
    moments: dict[int, dict[str, Facts]] = defaultdict(dict)
    for host in hosts:
        for copy in host.copies[:-1]:
            try:
                moments[round(copy.made_at)][host.name] = facts_of(copy, deadline)
            except ValueError as exc:
                problems.append(f"The copy {copy.folder} of {host.name} tells nothing of its past: {exc}")
    for moment in sorted(moments):
        known = {name: facts for name, facts in moments[moment].items() if facts.platform.auditable}
        samples = [sample_of(name, facts, now) for name, facts in known.items()]
        owners = [owners_sample(name, facts, moment) for name, facts in known.items()]
        run_id = f"{SOURCE}-{utc_text(moment).replace('-', '').replace(':', '')}"
        store.append(RunRecord(run_id, moment, SOURCE, "", VERSION), samples, {}, owners=owners)
    return problems


def facts_of(copy: Copy, deadline: int) -> Facts:
    """Return the checked facts of a copy. Raises ValueError where it holds none."""
    reading = read(copy.proc_root, copy.sys_root, float(deadline), resolve_subsets(["default"], True), load)
    return checked_facts({**build_facts(reading), "transport": None, "transport_reason": None, "run_id": None})
