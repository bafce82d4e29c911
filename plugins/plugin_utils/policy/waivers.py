# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: findings that somebody knows of and accepts until a day, with a reason. They stay visible and don't
count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from ..checks.table import CHECKS
from ..dimensions.table import LIMITED
from ..model.finding import KINDS_OF_FINDING, Finding, rank
from ..model.plain import Plain
from ..model.settings import ANY, Settings
from ..words.labels import hosts_phrase
from .schema import EVERY_HOST, WAIVER_KEYS, hint, is_line
from .sections import Checker

MAXIMUM_WAIVERS = 1000
MAXIMUM_TEXT = 200
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Waiver(Plain):
    """Findings that somebody accepts: of which hosts, dimension and kind (None: any), why, and until which day."""

    hosts: str
    """The name of a host or of an inventory group, or a pattern of host names."""
    dimension: str
    kind: str | None
    reason: str
    until: str

    def is_for(self, host: str, groups: Sequence[str]) -> bool:
        """Whether it is for a host."""
        return is_for(self.hosts, host, groups)

    def fits(self, finding: Finding) -> bool:
        """Whether it is about a finding."""
        return self.dimension in (ANY, finding.dimension) and self.kind in (None, finding.kind)


@dataclass(frozen=True, slots=True)
class Waived(Plain):
    """A waiver with the number of hosts that it was needed on, and whether it has expired."""

    hosts: str
    dimension: str
    kind: str | None
    reason: str
    until: str
    used: int
    expired: bool


@dataclass(frozen=True, slots=True)
class WaiverResult:
    """What the waivers of a policy do to the findings of one host."""

    kept: tuple[Finding, ...] = ()
    """The findings that count."""
    waived: tuple[Finding, ...] = ()
    """Those that don't, with the status ``waived`` and the waiver in their evidence."""
    used: tuple[int, ...] = ()
    """The places in the policy's list of the waivers that were needed here."""
    expired: tuple[int, ...] = ()
    """Those that would have been needed if they had not expired."""


def check_waivers(value: Any, checker: Checker) -> list[dict[str, Any]]:
    """Return the waivers of a policy in their plain form, and note what is wrong with them."""
    if value is None:
        return []
    if not isinstance(value, (list, tuple)) or len(value) > MAXIMUM_WAIVERS:
        checker.problem("waivers", f"must be a list of at most {MAXIMUM_WAIVERS:,} waivers.")
        return []
    return [
        _check_waiver({} if entry is None else entry, f"waivers[{number}]", checker)
        for number, entry in enumerate(value)
    ]


def _check_waiver(value: Any, path: str, checker: Checker) -> dict[str, Any]:
    written = checker.mapping(value, path, WAIVER_KEYS)
    plain = {key: written.get(key) for key in WAIVER_KEYS}
    if not isinstance(value, Mapping):
        return plain
    hosts, reason = plain["hosts"], plain["reason"]
    if not is_line(hosts, MAXIMUM_TEXT):
        checker.problem(
            f"{path}.hosts",
            "must be the name of a host or of an inventory group, or a pattern of host names with * or ?.",
        )
    elif str(hosts)[0] in "!&~" or "," in str(hosts):
        checker.problem(f"{path}.hosts", "must be one group or one pattern with * or ?; write a waiver for each.")
    known = (*LIMITED, *CHECKS, ANY)
    if not isinstance(plain["dimension"], str) or plain["dimension"] not in known:
        checker.problem(
            f"{path}.dimension", f"must be a dimension or a check, or * for all; {hint(plain['dimension'], known)}"
        )
    if plain["kind"] is not None and plain["kind"] not in KINDS_OF_FINDING:
        checker.problem(f"{path}.kind", f"must be a kind of finding; {hint(plain['kind'], KINDS_OF_FINDING)}")
    if not is_line(reason, MAXIMUM_TEXT):
        checker.problem(
            f"{path}.reason",
            f"must be given: one line with up to {MAXIMUM_TEXT} characters for whoever reads the report.",
        )
    try:
        plain["until"] = _day(plain["until"])
    except ValueError as exc:
        checker.problem(f"{path}.until", str(exc))
    return plain


def _day(value: Any) -> str:
    # YAML reads an unquoted date as a date.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip()):
        raise ValueError("must be given: the last day on which the waiver counts, as YYYY-MM-DD.")
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        raise ValueError(f"is {value.strip()}, which is no day of the calendar.") from None


def apply_waivers(
    waivers: Sequence[Waiver], host: str, groups: Sequence[str], findings: Sequence[Finding], today: date
) -> WaiverResult:
    """Return the findings of a host that count, and those that a waiver takes out.

    *today* is the day of the run in UTC. A waiver counts through the day that it names. Where several fit, the first
    does. A waiver takes out findings only: a host without data stays one without data.
    """
    if not waivers or not findings:
        return WaiverResult(tuple(findings))
    day = today.isoformat()
    here = [(number, waiver) for number, waiver in enumerate(waivers) if waiver.is_for(host, groups)]
    kept: list[Finding] = []
    waived: list[Finding] = []
    used: set[int] = set()
    expired: set[int] = set()
    for finding in findings:
        fitting = [(number, waiver) for number, waiver in here if waiver.fits(finding)]
        valid = next(((number, waiver) for number, waiver in fitting if waiver.until >= day), None)
        if valid is None:
            kept.append(finding)
            expired.update(number for number, _waiver in fitting)
        else:
            used.add(valid[0])
            reason = valid[1]
            shown = {"hosts": reason.hosts, "reason": reason.reason, "until": reason.until}
            waived.append(finding.replaced(status="waived", evidence={"waiver": {**shown}}))
    return WaiverResult(tuple(kept), tuple(waived), tuple(sorted(used)), tuple(sorted(expired)))


def waivers_for(waivers: Sequence[Mapping[str, Any]], host: str, groups: Sequence[str]) -> list[dict[str, Any]]:
    """Return the waivers of a resolved policy that are for a host, expired ones too."""
    return [dict(waiver) for waiver in waivers if is_for(waiver["hosts"], host, groups)]


def is_for(hosts: str, host: str, groups: Sequence[str]) -> bool:
    """Whether what a waiver says of hosts is about one of them."""
    return hosts in (host, EVERY_HOST) or hosts in groups or fnmatchcase(host, hosts)


def summaries(waivers: Sequence[Waiver], results: Iterable[WaiverResult], today: date) -> list[Waived]:
    """Return each waiver of a policy with the number of hosts that it was needed on, and whether it has expired.

    Of one that has expired, ``used`` counts the hosts that have findings which it no longer takes out.
    """
    counted = [0] * len(waivers)
    for result in results:
        for number in (*result.used, *result.expired):
            counted[number] += 1
    day = today.isoformat()
    return [
        Waived(one.hosts, one.dimension, one.kind, one.reason, one.until, counted[number], one.until < day)
        for number, one in enumerate(waivers)
    ]


def waiver_notes(summarised: Iterable[Waived]) -> list[str]:
    """Return a sentence for each waiver that somebody should look at: expired and still wanted, or of no use."""
    notes = []
    for waiver in summarised:
        what = "all findings" if waiver.dimension == ANY else waiver.dimension
        kind = f" of the kind {waiver.kind}" if waiver.kind else ""
        named = f"The waiver for {waiver.hosts} ({what}{kind}, {waiver.reason.rstrip('.')})"
        if waiver.expired and waiver.used:
            has = "has" if waiver.used == 1 else "have"
            notes.append(
                f"{named} ended on {waiver.until}, and {hosts_phrase(waiver.used)} still {has} what it waived; "
                "mend the cause, or renew the waiver with a new day and reason."
            )
        elif waiver.expired:
            notes.append(f"{named} ended on {waiver.until} and is no longer needed; take it out of the policy.")
        elif not waiver.used:
            notes.append(f"{named} waives nothing; take it out of the policy, or check its pattern.")
    return notes


def apply_severities(settings: Settings, findings: Sequence[Finding]) -> list[Finding]:
    """Return *findings* with at most the severity that the settings of their host allow for each kind, and for any."""
    if not settings.severities and settings.highest_severity == "critical":
        return list(findings)
    return [_capped(finding, settings) for finding in findings]


def _capped(finding: Finding, settings: Settings) -> Finding:
    most = settings.most_severe(finding.dimension, finding.kind)
    if rank(finding.severity) >= rank(most):
        return finding
    sentence = f"It would be {finding.severity}, but the policy has {most} at most for it."
    return finding.replaced(severity=most, sentence=sentence)
