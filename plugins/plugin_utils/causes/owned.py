# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings with their owner: of growth and sudden rises who grew, and with what it began; of limits who holds most."""

from __future__ import annotations

from ..dimensions.kernel_stack import stack_per_thread
from ..model.boots import Boot
from ..model.finding import Finding
from ..model.owners import OwnerKind
from ..model.plain import Json
from ..model.subject import Subject
from ..model.times import DAY, minute_text, utc_text
from ..text.safe import one_line, one_name
from ..text.units import KIB, human_bytes, percent_text
from .grown import ASKED, Asked, Grown, GrownOwners, OwnersPast
from .owners import owner_sentence
from .reclaimable import CacheKinds, kinds_of
from .scene import growth_of, since_of

_LEAST_PERCENT = 20
"""What has brought less of a growth does not explain it."""
_MOST_OF_TIME = 0.8
_SOON_AFTER = 2 * DAY
_MOST_MODULES = 4
_NOT_WHAT_GREW = "That is the largest now, which need not be what grew: who had what before is not known."


def with_owner(subject: Subject, finding: Finding, past: OwnersPast, boot: Boot | None = None) -> Finding:
    """Return a finding with a sentence on its owner, where that is known."""
    since, kinds = since_of(finding), kinds_of(subject.attribution, subject.sample.amounts)
    if since is None:
        if finding.kind != "limit":
            return finding
        owner = owner_sentence(subject.attribution, finding.dimension, finding.unit, finding.value, kinds)
        return finding.replaced(sentence=owner) if owner else finding
    asked = ASKED.get(finding.dimension)
    grown = past.grown(asked.kind, since) if asked is not None else None
    found = finding
    most = _most(asked, grown, kinds) if asked is not None and grown is not None else None
    if asked is not None and grown is not None and most is not None:
        found = _grown(subject, finding, asked, grown, most)
    elif grown is None:
        owner = owner_sentence(subject.attribution, finding.dimension, finding.unit, kinds=kinds)
        found = finding.replaced(sentence=f"{owner} {_NOT_WHAT_GREW}") if owner else finding
    else:
        found = finding.replaced(evidence={"owner": None})
    began = _began(past, since, boot)
    return found.replaced(sentence=began) if began else found


def _most(asked: Asked, grown: GrownOwners, kinds: CacheKinds) -> Grown | None:
    rows = [one for one in grown.owners if asked.counts(one.key.name, kinds)]
    if asked.kind is OwnerKind.CGROUP:
        # A slice, and the root, hold what the groups within them hold.
        inner = [one for one in rows if not any(_is_within(other, one) for other in rows)]
        return inner[0] if inner else None
    return rows[0] if rows else None


def _is_within(other: Grown, one: Grown) -> bool:
    """Whether another group is within this one and has brought most of its growth."""
    return other.key.name.startswith(one.key.name.rstrip("/") + "/") and other.amount * 2 >= one.amount


def _grown(subject: Subject, finding: Finding, asked: Asked, grown: GrownOwners, most: Grown) -> Finding:
    """Return a finding with what has grown most."""
    threads = asked.kind is OwnerKind.COMMAND_THREADS
    machine = subject.facts.machine if subject.facts is not None else None
    each = stack_per_thread(subject.sample.architecture, machine.page_size_bytes if machine else None) or 16 * KIB
    brought, whole = most.amount * each if threads else most.amount, growth_of(finding) * grown.share_of_time
    share = percent_text(min(brought, whole), whole) if whole > 0 else "an unknown part"
    name, day = one_name(most.key.name), _day(grown.since, subject.sample.collected_at)
    before, now = (f"{number:,}" if threads else human_bytes(number) for number in (most.before, most.now))
    values = f"{before} on {day}, {now} now"
    if brought * 100 < _LEAST_PERCENT * whole:
        sentence = f"No single {asked.called} brought it: the most, {name}, had {values}."
        return finding.replaced(sentence=sentence, evidence={"owner": None})
    who = {
        OwnerKind.COMMAND_THREADS: f"Threads of {name}{_group_of(subject, most.key.name)}",
        OwnerKind.COMMAND_PAGE_TABLES: f"Page tables of {name}",
        OwnerKind.CGROUP: f"The control group {name}",
    }.get(asked.kind, name)
    sentence = f"{who} brought {share} of it: {values}."
    if grown.share_of_time < _MOST_OF_TIME:
        sentence = f"Owners are known since {day} only; {who} brought {share} of what came since: {values}."
    evidence: dict[str, Json] = {
        "owner": most.key.name,
        "owner_grown": most.amount,
        "owner_since": utc_text(grown.since),
    }
    found = finding.replaced(sentence=sentence, evidence=evidence)
    if asked.kind in (OwnerKind.COMMAND_THREADS, OwnerKind.COMMAND_PAGE_TABLES):
        return found.replaced(next_step=f"See what {name} does since then; restart it, and bound it if it grows again.")
    return found


def _group_of(subject: Subject, command: str) -> str:
    """Return the control group in which the largest process of a command runs, in a clause."""
    part = subject.attribution.thread_processes
    rows = part.processes if part is not None else ()
    group = next((one.cgroup for one in rows if one.command == command and one.cgroup), None)
    return f" in {one_line(group.rsplit('/', 1)[-1] or group, 64)}" if group else ""


def _began(past: OwnersPast, since: int, boot: Boot | None) -> str:
    """Return with what it began: a boot, another kernel, new modules from outside; an empty text where with none."""
    with_boot = boot is not None and boot.at - DAY <= since <= boot.at + _SOON_AFTER
    new = past.new_modules(boot.at if boot is not None and with_boot else since)
    named = ", ".join(one_line(name, 40) for name in new[:_MOST_MODULES])
    if len(new) > _MOST_MODULES:
        named += f" and {len(new) - _MOST_MODULES} more"
    modules = f"the module{'s' if len(new) > 1 else ''} {named}"
    verb = "are" if len(new) > 1 else "is"
    if boot is not None and with_boot:
        kernel = f" into {one_line(boot.kernel or '', 60)}, another kernel than before" if boot.other_kernel else ""
        text = f"It began with the boot on {utc_text(boot.at)[:10]}{kernel}"
        return f"{text}; {modules} {verb} new in it." if new else f"{text}."
    return f"New since then {verb} {modules}." if new else ""


def _day(moment: int, now: int) -> str:
    return utc_text(moment)[:10] if now - moment >= 3 * DAY else minute_text(moment)
