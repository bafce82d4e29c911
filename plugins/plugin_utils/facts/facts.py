# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door for a host's facts: the plain data that ``kernel_memory_facts`` documents, checked once.

A wrong type makes the whole answer unreadable, since a half-true account would be worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..dimensions.table import DIMENSIONS, TOTAL
from ..model.facts import (
    BOUNDS,
    HOLDER_KINDS,
    NO_REASON,
    PLATFORM_KINDS,
    SCHEMA_VERSION,
    VMALLOC_MEANINGS,
    Account,
    Facts,
    Holder,
    Machine,
    Platform,
)
from .attribution import attribution_of
from .checks import (
    MAXIMUM_ENTRIES,
    Form,
    amounts_by_name,
    difference,
    list_of,
    mapping,
    one_of,
    size,
    text,
    texts_by_name,
)

MACHINE = Form.of(Machine)
PLATFORM = Form.of(Platform, kind=one_of(PLATFORM_KINDS))
_HOLDER = Form.of(Holder, kind=one_of(HOLDER_KINDS))
ACCOUNT = Form.of(
    Account,
    bound=one_of(BOUNDS),
    vmalloc_meaning=one_of(VMALLOC_MEANINGS),
    terms=amounts_by_name,
    holders=list_of(_HOLDER.read, MAXIMUM_ENTRIES),
)


def checked_facts(given: object) -> Facts:
    """Return facts from the plain data that a host's answer became; what is missing is None.

    Raises ValueError with a sentence that names the field where a type is wrong.
    """
    top = mapping(given, "facts")
    if top.get("schema_version") != SCHEMA_VERSION or isinstance(top.get("schema_version"), bool):
        raise ValueError(
            f"facts.schema_version is not {SCHEMA_VERSION}, so these facts are of another version of this collection."
        )
    amounts = _amounts(mapping(top.get("dimensions"), "facts.dimensions"))
    unavailable = texts_by_name(top.get("unavailable"), "facts.unavailable")
    for dimension, amount in amounts.items():
        if amount is None and not {dimension, f"{dimension}_bytes"} & set(unavailable):
            unavailable[dimension] = NO_REASON
    amounts[TOTAL] = size(top.get("kernel_unreclaimable_bytes"), "facts.kernel_unreclaimable_bytes")
    return Facts(
        collected_at=text(top.get("collected_at"), "facts.collected_at"),
        duration_ms=size(top.get("duration_ms"), "facts.duration_ms"),
        transport=text(top.get("transport"), "facts.transport"),
        machine=MACHINE.read(top.get("host"), "facts.host"),
        platform=PLATFORM.read(top.get("platform"), "facts.platform"),
        amounts=amounts,
        kernel_total_bytes=size(top.get("kernel_total_bytes"), "facts.kernel_total_bytes"),
        account=ACCOUNT.read(top.get("accounting"), "facts.accounting"),
        unavailable=unavailable,
        attribution=attribution_of(top.get("attribution")),
    )


def _amounts(given: Mapping[str, object]) -> dict[str, int | None]:
    # Only the unaccounted remainder is a difference, so only it may be below zero (inside its error band).
    return {
        name: (difference if name == "unaccounted" else size)(
            given.get(f"{name}_bytes"), f"facts.dimensions.{name}_bytes"
        )
        for name in DIMENSIONS
    }
