# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernels that hosts of a rollout run before anybody has touched them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .host_record import HostAnswer, HostRecord, Reason, is_facts


def untouched_releases(records: Mapping[str, HostRecord]) -> dict[str, str]:
    """Return the kernel release of each host that was looked at and not touched."""
    return {
        name: str(one["facts"]["host"]["kernel_release"] or "")
        for name, record in records.items()
        if record.state.is_untouched and (one := record.reference) is not None and is_facts(one)
    }


def add_newest_kernel(answers: Mapping[str, HostAnswer], records: Mapping[str, HostRecord]) -> None:
    """Let nobody be touched who may be done already: without a wish, a host on the newest of several kernels."""
    releases = untouched_releases(records)
    kinds = set(releases.values())
    if len(kinds) < 2:
        return
    newest = max(kinds, key=_version)
    for name, answer in answers.items():
        if releases.get(name) == newest and answer.get("may_touch"):
            sentence = (
                f"Hosts of this rollout run {len(kinds)} kernels, and it runs the newest of them, {newest}, so it may "
                "be done already; say with kernel_mem_audit_expected_kernel what hosts must come to."
            )
            reason: Reason = {
                "code": "newest_kernel",
                "sentence": sentence,
                "dimension": None,
                "treatment": "inconclusive",
            }
            answer["reasons"] = [reason, *answer["reasons"]]
            if answer["outcome"] == "good":
                answer["outcome"] = "inconclusive"


def _version(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)][:8]
