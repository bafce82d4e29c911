# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds what a changed host has more of: the cache, the caller or the command that has grown most between two
looks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ..causes.owners import is_stack
from ..causes.reclaimable import is_reclaimable
from ..facts.facts import checked_facts
from ..model.attribution import Attribution
from ..text.safe import one_name
from ..text.units import human_bytes

LEAST_SHARE = 10
"""Who has grown by less than this percentage of the whole does not explain it."""
_SLAB = ("slab_unreclaimable", "slab_reclaimable")


def what_grew(before: Mapping[str, object], after: Mapping[str, object], dimension: str, more: int) -> str:
    """Return a sentence that names who has grown most of *dimension*, which has *more* bytes than before; an empty text
    where the two looks (checked facts) do not know it.
    """
    try:
        old, new = (_amounts(checked_facts(facts).attribution, dimension) for facts in (before, after))
    except ValueError:
        return ""
    grown = Counter({name: size - (old or {}).get(name, 0) for name, size in (new or {}).items()})
    if not grown:
        return ""
    what, (name, by) = _kind(dimension), grown.most_common(1)[0]
    now = f"{human_bytes((new or {})[name])} now"
    if old is None:
        return f"The largest {what} is {one_name(name)}, {now}."
    if by * 100 < more * LEAST_SHARE:
        return f"No single {what} explains it."
    was = old.get(name)
    return (
        f"Most of it: the {what} {one_name(name)}, {human_bytes(was) + ' before' if was else 'not seen before'}, {now}."
    )


def _amounts(attribution: Attribution, dimension: str) -> dict[str, int] | None:
    """Return the bytes of a dimension by owner; None where nobody has looked."""
    found: Counter[str] = Counter()
    if dimension in _SLAB and attribution.slab_caches and attribution.slab_caches.has_data:
        for cache in attribution.slab_caches.caches:
            if is_reclaimable(cache.name or "") is (dimension == "slab_reclaimable"):
                found[cache.name or ""] += cache.bytes or 0
        return dict(found)
    if dimension == "vmalloc" and attribution.vmalloc_callers and attribution.vmalloc_callers.has_data:
        for caller in attribution.vmalloc_callers.callers:
            if not is_stack(caller.caller):
                found[caller.caller or ""] += caller.bytes or 0
        return dict(found)
    if dimension == "page_tables" and attribution.commands and attribution.commands.has_data:
        for command in attribution.commands.commands:
            found[command.command or ""] += command.page_table_bytes or 0
        return dict(found)
    return None


def _kind(dimension: str) -> str:
    return "cache" if dimension in _SLAB else {"vmalloc": "caller", "page_tables": "command"}[dimension]
