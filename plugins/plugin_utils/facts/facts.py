# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door for a host's facts: the plain data that ``kernel_memory_facts`` documents, checked once.

A wrong type makes the whole answer unreadable, since a half-true account would be worse than none.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from ..dimensions.table import DIMENSIONS, TOTAL
from ..model.facts import (
    BOUNDS,
    CONTRADICTORY,
    DAMAGED,
    HOLDER_KINDS,
    MISSING_CLASSES,
    NO_REASON,
    NOT_COUNTED_THEN,
    PLATFORM_KINDS,
    READ_VERSIONS,
    SCHEMA_VERSION,
    VMALLOC_MEANINGS,
    Account,
    Contradiction,
    Facts,
    Holder,
    HugePages,
    Limit,
    Machine,
    Module,
    Modules,
    Owner,
    Platform,
)
from ..model.ready_json import ReadyJson
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
    truth,
)

MOST_OWNERS = 100


def repeated(value: object, where: str) -> str | None:
    """Return a text that many hosts have, as one object for all of them."""
    found = text(value, where)
    return None if found is None else sys.intern(str(found))


MACHINE = Form.of(Machine, kernel_release=repeated, architecture=repeated, kernel_command_line=repeated)
PLATFORM = Form.of(Platform, kind=one_of(PLATFORM_KINDS))
_HOLDER = Form.of(Holder, kind=one_of(HOLDER_KINDS))
ACCOUNT = Form.of(
    Account,
    bound=one_of(BOUNDS),
    vmalloc_meaning=one_of(VMALLOC_MEANINGS),
    terms=amounts_by_name,
    holders=list_of(_HOLDER.read, MAXIMUM_ENTRIES),
)
_CONTRADICTION = Form.of(Contradiction, kind=one_of((DAMAGED, CONTRADICTORY)))
_LIMIT = Form.of(Limit)
_MODULES = Form.of(Modules, outside=list_of(Form.of(Module).read, MAXIMUM_ENTRIES))
_HUGE_PAGES = Form.of(HugePages)


def checked_facts(given: object, ready: ReadyJson | None = None) -> Facts:
    """Return facts from the plain data that a host's answer became; what is missing is None. *ready* is their JSON,
    where somebody has made it of the same data.

    Raises ValueError with a sentence that names the field where a type is wrong.
    """
    top = mapping(given, "facts")
    if top.get("schema_version") not in READ_VERSIONS or isinstance(top.get("schema_version"), bool):
        raise ValueError(
            f"facts.schema_version is not {SCHEMA_VERSION}, so these facts are of another version of this collection."
        )
    amounts = _amounts(mapping(top.get("dimensions"), "facts.dimensions"))
    unavailable = texts_by_name(top.get("unavailable"), "facts.unavailable")
    for dimension, amount in amounts.items():
        if amount is None and not {dimension, f"{dimension}_bytes"} & set(unavailable):
            is_newer = dimension == "socket_buffers" and top["schema_version"] == 1
            unavailable[dimension] = NOT_COUNTED_THEN if is_newer else NO_REASON
    amounts[TOTAL] = size(top.get("kernel_unreclaimable_bytes"), "facts.kernel_unreclaimable_bytes")
    return Facts(
        collected_at=text(top.get("collected_at"), "facts.collected_at"),
        duration_ms=size(top.get("duration_ms"), "facts.duration_ms"),
        transport=repeated(top.get("transport"), "facts.transport"),
        machine=MACHINE.read(top.get("host"), "facts.host"),
        platform=PLATFORM.read(top.get("platform"), "facts.platform"),
        amounts=amounts,
        kernel_total_bytes=size(top.get("kernel_total_bytes"), "facts.kernel_total_bytes"),
        account=ACCOUNT.read(top.get("accounting"), "facts.accounting"),
        unavailable=unavailable,
        attribution=attribution_of(top.get("attribution")),
        unavailable_class=_classes(top.get("unavailable_class"), unavailable),
        contradictions=list_of(_contradiction, MAXIMUM_ENTRIES)(top.get("contradictions"), "facts.contradictions"),
        limits=list_of(_LIMIT.read, MAXIMUM_ENTRIES)(top.get("limits"), "facts.limits"),
        modules=_modules(top.get("modules")),
        huge_pages=_HUGE_PAGES.read(_or_nothing(top.get("huge_pages"), "facts.huge_pages"), "facts.huge_pages"),
        owners=_owners(top.get("owners")),
        saved=truth(top.get("saved"), "facts.saved"),
        ready=ready,
    )


def _classes(given: object, unavailable: Mapping[str, str]) -> dict[str, str]:
    """Return the classes of what is missing; a name without a reason has none either."""
    found = texts_by_name(given, "facts.unavailable_class")
    for name, kind in found.items():
        one_of(MISSING_CLASSES)(kind, f"facts.unavailable_class.{name}")
    return {name: kind for name, kind in found.items() if name in unavailable}


def _or_nothing(given: object, where: str) -> Mapping[str, object]:
    """Return an object that facts of version 1 do not have."""
    return {} if given is None else mapping(given, where)


def _modules(given: object) -> Modules:
    """Return the modules; None, or a list that is missing, is none."""
    where = "facts.modules"
    return _MODULES.read({"outside": None, **_or_nothing(given, where)}, where)


def _contradiction(given: object, where: str) -> Contradiction:
    """Return a contradiction, whose kind is called ``class`` in the facts."""
    found = mapping(given, where)
    return _CONTRADICTION.read({**found, "kind": found.get("class")}, where)


def _owners(given: object) -> tuple[Owner, ...]:
    """Return the owners, each a list of kind, name and amount."""
    where = "facts.owners"
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MOST_OWNERS:
        raise ValueError(f"{where} is not a list of at most {MOST_OWNERS} entries.")
    found = []
    for row in given:
        if not isinstance(row, list) or len(row) != len(("kind", "name", "amount")):
            raise ValueError(f"{where} has an entry that is not kind, name and amount.")
        kind, name, amount = text(row[0], where), text(row[1], where), size(row[2], where)
        if kind is None or name is None or amount is None:
            raise ValueError(f"{where} has an entry with null.")
        found.append(Owner(kind, name, amount))
    return tuple(found)


def _amounts(given: Mapping[str, object]) -> dict[str, int | None]:
    # Only the unaccounted remainder is a difference, so only it may be below zero (inside its error band).
    return {
        name: (difference if name == "unaccounted" else size)(
            given.get(f"{name}_bytes"), f"facts.dimensions.{name}_bytes"
        )
        for name in DIMENSIONS
    }
