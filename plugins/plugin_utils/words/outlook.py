# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ahead of a host by its findings: how many days are left, how fast it goes, since when, and who holds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..model.finding import SEVERITIES
from ..text.safe import one_line
from ..text.units import human_bytes
from .labels import dimension_label, finding_phrase

SOON_DAYS = 14
LATER_DAYS = 90
NEVER = 1e9

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_OF_PROCESSES = {
    "page_tables": "page_table_processes",
    "kernel_stack": "thread_processes",
    "threads": "thread_processes",
}
HOLDERS = ("slab_caches", "vmalloc_callers", "page_table_processes", "thread_processes")
"""The parts of an attribution that name who holds a dimension."""

_LEAST_SHARE = 0.1
"""Who holds less of a dimension than this share is not said to hold it."""

_OTHER_CACHES = {
    "slab_unreclaimable": True,
    "kernel_unreclaimable": True,
    "slab_reclaimable": False,
    "kernel_total": None,
}
"""The dimensions that slab caches hold, and which caches do not: those that are ``reclaimable``, or those that are not.
"""

OWNER = "owner"
"""In the evidence of a growth who brought it; null where it is known that no single one did."""
LONGEST_HOLDER = 40

_STACKS = ("dup_task_struct", "copy_process", "alloc_thread_stack_node", "fork_idle")

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outlook:
    """One host's leading finding, and what is ahead of it.

    *days_left* is None where no end is in sight; *over* says that a critical limit is exceeded already. *what* is the
    finding in a few words, *pace* how fast it grows, *since* the time since when, *holder* who holds most of it, or the
    known cause; *next_step* and *command* what to do first. What is not known is empty or None.
    """

    verdict: str
    dimension: str
    pattern: str | None
    days_left: float | None
    over: bool
    share: float
    available_share: float
    what: str
    pace: str
    since: str | None
    holder: str
    next_step: str
    command: str
    growth_known: bool = True
    """Whether its growth could be asked: without an end of what is not known nothing is steady."""

    @property
    def order(self) -> tuple[int, float, float, float]:
        """What comes first: an end within two weeks, then what is over a critical limit, then other ends, then the
        rest; of these what has least time, least available memory, and exceeds its limit most.
        """
        return consequence(self.days_left, self.over, self.available_share, self.share)

    @property
    def is_soon(self) -> bool:
        """Whether it ends within two weeks, which stands above all else."""
        return self.days_left is not None and self.days_left <= SOON_DAYS

    @property
    def left(self) -> str:
        """The time that is left, in a word or two."""
        if self.days_left is not None:
            return left_words(self.days_left)
        if self.over:
            return "over it"
        return "grows" if self.pace else "steady" if self.growth_known else "unknown"


def consequence(
    days: float | None, over: bool, available_share: float, share: float
) -> tuple[int, float, float, float]:
    """Return what orders hosts by what happens to them, see :meth:`Outlook.order`; no *days* where no end is in
    sight.
    """
    left = NEVER if days is None else days
    rank = 0 if left <= SOON_DAYS else 1 if over else 2 if left <= LATER_DAYS else 3
    return rank, left, available_share, -share


def outlook(host: Plain) -> Outlook | None:
    """Return the outlook of a host as it stands in an audit; None for one without a finding that alarms."""
    alarms = [finding for finding in host.get("findings") or () if finding["severity"] in SEVERITIES[:2]]
    if not alarms:
        return None
    lead = min(alarms, key=_leads)
    same = [finding for finding in alarms if finding["dimension"] == lead["dimension"]]
    growth = next((finding for finding in same if finding["kind"] == "growth"), None)
    limit = next((finding for finding in same if finding["kind"] == "limit"), None)
    days = min((left for left in map(days_left, alarms) if left is not None), default=None)
    return Outlook(
        verdict=str(host["verdict"]),
        dimension=str(lead["dimension"]),
        pattern=lead.get("pattern"),
        days_left=days,
        over=limit is not None and limit["severity"] == "critical",
        share=float(lead["value"]) / max(float(lead["limit"]), 1.0),
        available_share=_available(host),
        what=_what(host, lead, limit, growth),
        pace=_pace(growth),
        since=(growth or {}).get("evidence", {}).get("since"),
        holder=holder(host, str(lead["dimension"]), growth) or pattern_words(lead.get("pattern")),
        next_step=str(lead["next_step"]),
        command=str(lead["command"]),
        growth_known=growth is not None or lead["dimension"] in (host.get("growth_asked_of") or ()),
    )


def days_left(finding: Plain) -> float | None:
    """Return the days until a finding's growth reaches a limit, or None where that is not known."""
    found = (finding.get("evidence") or {}).get("time_to_limit_days")
    estimate = found.get("estimate") if isinstance(found, Mapping) else found
    return float(estimate) if isinstance(estimate, (int, float)) and not isinstance(estimate, bool) else None


def left_words(days: float) -> str:
    """Return days as people say them: ``9 days``, ``1 day``, ``18 hours``; a host is not given more than it has."""
    if days < 1:
        hours = max(int(days * 24), 0)
        return "now" if hours == 0 else f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{int(days)} day{'' if int(days) == 1 else 's'}"


def date_words(moment: str, now: str) -> str:
    """Return a time of ours as a date for people: ``21 Oct``, and ``21 Oct 2024`` where it is not of the last year."""
    try:
        day, today = (datetime.strptime(text[:10], "%Y-%m-%d") for text in (moment, now))
    except ValueError:
        return moment[:10]
    year = "" if 0 <= (today - day).days < 365 else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1]}{year}"


def holder(host: Plain, dimension: str, growth: Plain | None = None) -> str:
    """Return who holds a dimension, in a word or two; empty where nothing names one.

    Of what grows it is who grew, as the finding says; the largest only where the past of the owners is not known.
    """
    evidence = (growth or {}).get("evidence") or {}
    if OWNER in evidence:
        return one_line(str(evidence[OWNER] or ""), LONGEST_HOLDER)
    attribution = host.get("attribution") or {}
    if dimension in _OTHER_CACHES:
        least, other = _LEAST_SHARE * _level(host, dimension), _OTHER_CACHES[dimension]
        return _largest(attribution, "slab_caches", "caches", "name", least=least, other=other)
    if dimension == "vmalloc":
        return _largest(attribution, "vmalloc_callers", "callers", "caller", leave_out=_STACKS)
    if dimension in _OF_PROCESSES:
        return _largest(attribution, _OF_PROCESSES[dimension], "processes", "command")
    return "no counter names it" if dimension == "unaccounted" else ""


def pattern_words(pattern: object) -> str:
    """Return a known cause in words: ``eBPF maps``; empty for none."""
    return str(pattern or "").replace("_", " ").replace("bpf", "eBPF")


def _leads(finding: Plain) -> tuple[bool, int, float, float]:
    """An end within two weeks leads, whatever the severity; then the severity, the time, the share of the limit."""
    days = days_left(finding)
    left = NEVER if days is None else days
    share = float(finding["value"]) / max(float(finding["limit"]), 1.0)
    return left > SOON_DAYS, SEVERITIES.index(finding["severity"]), left, -share


def _available(host: Plain) -> float:
    machine = host.get("host") or {}
    available, total = machine.get("memory_available_bytes"), machine.get("memory_total_bytes")
    return float(available) / float(total) if available is not None and total else 1.0


def _what(host: Plain, lead: Plain, limit: Plain | None, growth: Plain | None) -> str:
    """Return the amount and its limit: of growth with an end in sight the limit that ends it."""
    if lead["kind"] not in ("limit", "growth") or lead["unit"] != "bytes":
        return finding_phrase(lead)
    label = dimension_label(lead["dimension"])
    goal = ((growth or {}).get("evidence") or {}).get("time_to_limit_days")
    level = (host.get("dimensions") or {}).get(f"{lead['dimension']}_bytes")
    if (
        isinstance(goal, Mapping)
        and isinstance(goal.get("limit_bytes"), (int, float))
        and isinstance(level, (int, float))
    ):
        return f"{label} {_of(level, goal['limit_bytes'])}"
    return finding_phrase(lead) if limit is None else f"{label} {_of(limit['value'], limit['limit'])}"


def _of(value: float, limit: float) -> str:
    """Return ``8.2 of 9.9 GiB``: the unit once where both have it."""
    first, second = human_bytes(round(value)), human_bytes(round(limit))
    number, unit = first.split(" ")
    return f"{number} of {second}" if second.endswith(f" {unit}") else f"{first} of {second}"


def _pace(growth: Plain | None) -> str:
    evidence = (growth or {}).get("evidence") or {}
    slope = evidence.get("slope_bytes_per_day")
    return f"{human_bytes(round(slope))} a day" if isinstance(slope, (int, float)) and slope > 0 else ""


def _level(host: Plain, dimension: str) -> float:
    level = (host.get("dimensions") or {}).get(f"{dimension}_bytes")
    return float(level) if isinstance(level, (int, float)) else 0.0


def _largest(
    attribution: Plain,
    part: str,
    rows: str,
    key: str,
    *,
    leave_out: Sequence[str] = (),
    least: float = 0.0,
    other: bool | None = None,
) -> str:
    found = (attribution.get(part) or {}).get(rows) or ()
    told = (row for row in found if isinstance(row, Mapping) and (other is None or row.get("reclaimable") is not other))
    # What holds a thousandth of it is not who holds it, however large it is beside the others.
    large = (row for row in told if (row.get("bytes") or 0) >= least)
    names = (str(row.get(key) or "") for row in large)
    return next(
        (one_line(name, LONGEST_HOLDER) for name in names if name and not name.startswith(tuple(leave_out) or "\0")), ""
    )
