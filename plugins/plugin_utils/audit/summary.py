# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision of a run: the gate's answer, in one sentence, with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..model.plain import Plain
from ..words.labels import NO_DATA_LABELS, hosts_phrase, some_names
from .entry import Entry

NAMES_IN_A_REASON = 5


DECISIONS = ("pass", "hold", "fail", "inconclusive")


@dataclass(frozen=True, slots=True)
class Decision(Plain):
    """One of ``DECISIONS``, in a sentence, and the reasons."""

    decision: str
    sentence: str
    reasons: tuple[str, ...]


def decide(hosts: Iterable[Entry]) -> Decision:
    """Return the decision over the *hosts* of an audit.

    A name that shares its kernel with a judged one does not count as a host without data: its kernel is judged.
    """
    names: dict[str, list[str]] = {"critical": [], "warning": [], "ok": [], "unknown": []}
    shared: list[str] = []
    old: list[str] = []
    causes: Counter[str] = Counter()
    for host in hosts:
        names[host.verdict].append(host.name)
        if host.has_long_standing:
            old.append(host.name)
        reason = None if host.no_data is None else host.no_data.reason
        if reason == "shared_kernel":
            shared.append(host.name)
        elif host.verdict == "unknown":
            causes[NO_DATA_LABELS[str(reason)].lower()] += 1
    critical, warning, missing = names["critical"], names["warning"], causes.total()
    total = sum(map(len, names.values()))
    return Decision(
        "fail" if critical else "inconclusive" if missing else "hold" if warning else "pass",
        _sentence(len(critical), missing, len(warning), len(names["ok"]), total),
        tuple(_reasons(critical, causes, warning, shared, old)),
    )


def _sentence(critical: int, missing: int, warning: int, ok: int, total: int) -> str:
    if critical:
        return f"{_part(critical, total)} {'is' if critical == 1 else 'are'} critical"
    if missing:
        return f"{_part(missing, total)} gave no data"
    if warning:
        return f"{_part(warning, total)} {'has' if warning == 1 else 'have'} a warning"
    if ok == 1:
        return "The only host is within its limits" if total == 1 else "The only kernel is within its limits"
    return f"All {ok:,} {'hosts' if ok == total else 'kernels'} are within their limits"


def _part(number: int, total: int) -> str:
    return "The only host" if total == 1 else f"{number:,} of {hosts_phrase(total)}"


def _reasons(
    critical: list[str], causes: Counter[str], warning: list[str], shared: list[str], old: list[str]
) -> list[str]:
    missing = causes.total()
    reasons = []
    if critical:
        verb = "is" if len(critical) == 1 else "are"
        reasons.append(
            f"{hosts_phrase(len(critical))} {verb} critical: {some_names(sorted(critical), NAMES_IN_A_REASON)}."
        )
    if missing:
        ordered = sorted(causes.items(), key=lambda entry: (-entry[1], entry[0]))
        reasons.append(
            f"{hosts_phrase(missing)} gave no data ({', '.join(f'{cause} {number:,}' for cause, number in ordered)})."
        )
    if warning:
        # Unless they decide, warnings need no names here: each output has a list of them.
        names = "" if critical or missing else f": {some_names(sorted(warning), NAMES_IN_A_REASON)}"
        reasons.append(f"{hosts_phrase(len(warning))} {'has' if len(warning) == 1 else 'have'} a warning{names}.")
    if old:
        named = some_names(sorted(old), NAMES_IN_A_REASON)
        reasons.append(
            f"{len(old):,} long-standing: {named} {'has' if len(old) == 1 else 'have'} been above a limit for long."
        )
    if shared:
        words = (
            "shares its kernel with another name and is"
            if len(shared) == 1
            else "share their kernels with other names and are"
        )
        reasons.append(f"{hosts_phrase(len(shared))} {words} judged there.")
    return reasons
