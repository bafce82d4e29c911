# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page says of a cause, a line each: how long is left, what it is, since when, who, and what to do next.

All are plain texts; whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...audit.entry import Entry, SeenFinding
from ...audit.outlooks import Ahead, Cause
from ...model.finding import VERDICTS
from ...model.plain import Json
from ...text.units import human_bytes
from ...words.labels import dimension_label, hosts_phrase
from ...words.outlook import LATER_DAYS, OWNER, SOON_DAYS, Outlook, date_words, left_words
from .axis import later
from .host_history import days_since
from .parts import LABELS, STATUS_WORDS

_MOST_IN_TICKET = 40
_WORTH_SAYING = 1.1
_DID = {
    "growth": "grows",
    "spike": "rose suddenly",
    "drop": "fell suddenly",
    "disproportion": "is unlike that of similar hosts",
}


def left_in_two(outlook: Outlook) -> tuple[str, str]:
    """Return the time that is left as a large word and a small one: ``9``, ``days left``."""
    if outlook.days_left is not None:
        number, _space, unit = left_words(outlook.days_left).partition(" ")
        return (number, f"{unit} left") if unit else ("Now", "at its limit")
    if outlook.over:
        return "Over", "its limit"
    if outlook.pace:
        return "Grows", f"no end in {LATER_DAYS} days"
    return ("Steady", "no end in sight") if outlook.growth_known else ("Unknown", "how long it has")


def title_of(cause: Cause) -> str:
    """Return what is the matter, in one line that goes on with ``on`` and where."""
    first = cause.first
    lead, label = lead_of(first), dimension_label(first.outlook.dimension)
    if first.outlook.days_left is not None:
        return f"{label} runs into its limit"
    if lead.kind == "limit":
        alike = {lead_of(one).severity for one in cause.members} == {lead.severity}
        return f"{label} is above its {lead.severity} limit" if alike else f"{label} is above its limit"
    return f"{label} {_DID.get(lead.kind, 'stands out')}"


def place_line(first: Ahead, before: Sequence[Cause]) -> str:
    """Return why a host that is over its limit stands below others that are not; an empty text where none does."""
    soon = [cause for cause in before if cause.first.outlook.is_soon]
    if not soon or not first.outlook.over or first.outlook.is_soon:
        return ""
    times = first.share_of_limit
    much = f"At {times:.1f} times its limit" if times >= _WORTH_SAYING else "Over its limit"
    outlook = first.outlook
    steady = "growing" if outlook.pace else "steady" if outlook.growth_known else "not known to grow"
    state = "with more time left" if outlook.days_left is not None else steady
    above = "1 cause" if len(soon) == 1 else f"{len(soon)} causes"
    return f"{much}, but {state}; the {above} above it will reach a limit within {SOON_DAYS} days."


def verdicts_of(cause: Cause) -> str:
    """Return the number of a cause's hosts by verdict: ``4 critical, 5 warning``."""
    numbers = {verdict: sum(one.outlook.verdict == verdict for one in cause.members) for verdict in VERDICTS}
    return ", ".join(f"{number:,} {LABELS[verdict].lower()}" for verdict, number in numbers.items() if number)


def since_line(ahead: Ahead, now: str) -> str:
    """Return since when, and how fast."""
    outlook, lead = ahead.outlook, lead_of(ahead)
    state = f" ({STATUS_WORDS[lead.status]})" if lead.status in STATUS_WORDS else ""
    if outlook.since:
        days = days_since(outlook.since, now)
        ago = f" ({days} {'day' if days == 1 else 'days'})" if days else ""
        pace = f", {outlook.pace}" if outlook.pace else ""
        return f"Growing since {date_words(outlook.since, now)}{ago}{pace}{state}."
    first = lead.first_seen_at
    new = first is None or first[:10] == now[:10]
    above = ahead.above_since(now) if lead.kind == "limit" else None
    if above is not None and (first is None or above.since[:10] < first[:10]):
        word = "at least " if above.at_least else ""
        judged = "today" if new else f"on {date_words(first or now, now)}"
        return f"Above it since {word}{date_words(above.since, now)} by its history, first judged {judged}{state}."
    if new or first is None:
        return f"Seen in this audit for the first time{state}."
    return f"First seen on {date_words(first, now)}{state}; no steady growth is known."


def who_line(ahead: Ahead, host: Entry, now: str) -> tuple[str, str]:
    """Return who holds it, and what is known of that beside the name; empty names where nobody is known."""
    holder = ahead.outlook.holder
    grown = _grown(ahead)
    if not holder:
        nobody = "No single one of those that were asked for brought it."
        return "", nobody if OWNER in grown else "Nothing that was asked for names who holds it."
    amount, what = _held(ahead.outlook.dimension, host, holder)
    brought = _brought(ahead.outlook.dimension, grown)
    since = grown.get("owner_since")
    known = f" since {date_words(since, now)}" if isinstance(since, str) else ""
    if brought:
        # Who grew need not be the largest.
        return holder, (brought if amount is None else f"{brought} to {human_bytes(amount)}") + known
    return holder, what if amount is None else f"{what}: {human_bytes(amount)}"


def _grown(ahead: Ahead) -> Mapping[str, Json]:
    """Return the evidence of the growth that leads a host's findings; nothing where none does."""
    same = (one for one in ahead.host.findings if one.dimension == ahead.outlook.dimension and one.kind == "growth")
    return next((one.evidence for one in same), {})


def _brought(dimension: str, grown: Mapping[str, Json]) -> str:
    amount = grown.get("owner_grown")
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        return ""
    return f"{amount:,.0f} threads more" if dimension == "kernel_stack" else f"grew by {human_bytes(round(amount))}"


def _held(dimension: str, host: Entry, holder: str) -> tuple[int | None, str]:
    attribution = host.details.attribution
    if attribution is None:
        return None, ""
    if dimension.startswith(("slab", "kernel")) and attribution.slab_caches is not None:
        return next(
            ((one.bytes, "its largest slab cache") for one in attribution.slab_caches.caches if one.name == holder),
            (None, ""),
        )
    if dimension == "vmalloc" and attribution.vmalloc_callers is not None:
        callers = attribution.vmalloc_callers.callers
        return next(((one.bytes, "its largest caller") for one in callers if one.caller == holder), (None, ""))
    if dimension == "page_tables" and attribution.page_table_processes is not None:
        processes = attribution.page_table_processes.processes
        return next(
            ((one.bytes, "the process with most of it") for one in processes if one.command == holder), (None, "")
        )
    return None, ""


def lead_of(ahead: Ahead) -> SeenFinding:
    """Return the finding that leads a host's."""
    outlook = ahead.outlook
    same = [one for one in ahead.host.findings if one.dimension == outlook.dimension]
    wanted = [one for one in same if one.next_step == outlook.next_step]
    return (wanted or same or list(ahead.host.findings))[0]


def ticket(cause: Cause, now: str, host: Entry) -> str:
    """Return the cause as the text of a ticket, with the names of its hosts as they are."""
    outlook = cause.first.outlook
    holder, about = who_line(cause.first, host, now)
    names = [one.host.name for one in cause.members]
    more = f" and {len(names) - _MOST_IN_TICKET:,} more" if len(names) > _MOST_IN_TICKET else ""
    lines = [
        f"{title_of(cause)} on {names[0] if len(names) == 1 else hosts_phrase(len(names))}.",
        f"Left: {reached(outlook, now)}",
        f"What: {outlook.what} on {names[0]}.",
        f"Since: {since_line(cause.first, now)}",
        f"Who: {f'{holder}, {about}' if holder and about else holder or about}",
        f"Next: {outlook.next_step}",
        f"Command: {outlook.command}" if outlook.command else "",
        f"Hosts: {', '.join(names[:_MOST_IN_TICKET])}{more}",
    ]
    return "\n".join(one for one in lines if one)


def reached(outlook: Outlook, now: str) -> str:
    """Return when the limit is reached, in words: ``about 9 days, around 9 Dec``."""
    days = outlook.days_left
    if days is None:
        within = f" within {LATER_DAYS} days" if outlook.pace else ""
        unknown = "not known, since its growth could not be judged"
        rest = f"no end in sight{within}" if outlook.pace or outlook.growth_known else unknown
        return "over its critical limit" if outlook.over else rest
    return f"about {left_words(days)}, around {later(now, days)}" if days >= 1 else f"about {left_words(days)}"
