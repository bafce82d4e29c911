# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what a changed host has more of: the cache, the caller or the command that has grown most between two
looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ..causes.grown import ASKED, Asked
from ..facts.facts import checked_facts
from ..model.attribution import Attribution
from ..model.owners import OwnerKind
from ..text.safe import one_name
from ..text.units import human_bytes

LEAST_SHARE = 10
"""Who has grown by less than this percentage of the whole does not explain it."""


def what_grew(before: Mapping[str, object], after: Mapping[str, object], dimension: str, more: int) -> str:
    """Return a sentence that names who has grown most of *dimension*, which has *more* bytes than before; an empty text
    where the two looks (checked facts) do not know it.
    """
    asked = ASKED.get(dimension)
    if asked is None:
        return ""
    try:
        old, new = (_amounts(checked_facts(facts).attribution, asked) for facts in (before, after))
    except ValueError:
        return ""
    grown = Counter({name: size - (old or {}).get(name, 0) for name, size in (new or {}).items()})
    if not grown:
        return ""
    what, (name, by) = asked.called, grown.most_common(1)[0]
    now = f"{human_bytes((new or {})[name])} now"
    if old is None:
        return f"The largest {what} is {one_name(name)}, {now}."
    if by * 100 < more * LEAST_SHARE:
        return f"No single {what} explains it."
    was = old.get(name)
    return (
        f"Most of it: the {what} {one_name(name)}, {human_bytes(was) + ' before' if was else 'not seen before'}, {now}."
    )


def _amounts(attribution: Attribution, asked: Asked) -> dict[str, int] | None:
    """Return the bytes by owner; None where nobody has looked."""
    rows = _rows(attribution, asked.kind)
    if rows is None:
        return None
    found: Counter[str] = Counter()
    for name, size in rows:
        if asked.counts(name or ""):
            found[name or ""] += size or 0
    return dict(found)


def _rows(attribution: Attribution, kind: OwnerKind) -> list[tuple[str | None, int | None]] | None:
    slab, vmalloc, commands = attribution.slab_caches, attribution.vmalloc_callers, attribution.commands
    if kind is OwnerKind.CACHE and slab and slab.has_data:
        return [(one.name, one.bytes) for one in slab.caches]
    if kind is OwnerKind.CALLER and vmalloc and vmalloc.has_data:
        return [(one.caller, one.bytes) for one in vmalloc.callers]
    if kind is OwnerKind.COMMAND_PAGE_TABLES and commands and commands.has_data:
        return [(one.command, one.page_table_bytes) for one in commands.commands]
    return None
