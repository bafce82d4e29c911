# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's facts, checked: only the fields of the contract, only of their types.

A spool line comes from a host, so its types may be wrong and its strings may hold anything. Strings stay as they are
(each output escapes them); a wrong type makes the whole answer unreadable, since a half-true account would be worse
than none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..words.labels import KINDS
from .attribution import checked_attribution

SCHEMA_VERSION = 1
MAXIMUM_TEXT = 1000
MAXIMUM_ENTRIES = 200
LARGEST_NUMBER = 2**63 - 1

HOST_TEXTS = ("boot_id", "machine_id", "kernel_release", "architecture")
HOST_NUMBERS = (
    "uptime_seconds",
    "page_size_bytes",
    "cpus_possible",
    "cpus_online",
    "memory_total_bytes",
    "memory_available_bytes",
    "memory_low_total_bytes",
    "vmalloc_total_bytes",
    "threads",
    "threads_limit",
    "cgroups",
)
PLATFORM_KINDS = ("physical", "vm", "container", "unknown")
BOUNDS = ("exact", "lower", "estimate")
VMALLOC_MEANINGS = ("pages", "area", "unavailable")
HOLDER_KINDS = ("balloon", "zfs", "zram", "gpu", "driver")


def checked_facts(facts: object) -> dict[str, Any]:
    """Return the known fields of *facts*, each of the type that the contract gives it.

    Fields that are missing are null. Raises ValueError with a sentence that names the field where a type is wrong.
    """
    top = _mapping(facts, "facts")
    if top.get("schema_version") != SCHEMA_VERSION or isinstance(top.get("schema_version"), bool):
        raise ValueError(
            f"facts.schema_version is not {SCHEMA_VERSION}, so these facts are of another version of this collection."
        )
    dimensions = _dimensions(_mapping(top.get("dimensions"), "facts.dimensions"))
    unavailable = _texts_by_name(top.get("unavailable") or {}, "facts.unavailable")
    for name, amount in dimensions.items():
        short = name[: -len("_bytes")]
        if amount is None and not {name, short} & set(unavailable):
            unavailable[short] = "The host gave no number and no reason."
    return {
        "schema_version": SCHEMA_VERSION,
        "collected_at": _text(top.get("collected_at"), "facts.collected_at"),
        "duration_ms": _number(top.get("duration_ms"), "facts.duration_ms"),
        "transport": _text(top.get("transport"), "facts.transport"),
        "host": _host(_mapping(top.get("host"), "facts.host")),
        "platform": _platform(_mapping(top.get("platform"), "facts.platform")),
        "dimensions": dimensions,
        "kernel_total_bytes": _bytes(top.get("kernel_total_bytes"), "facts.kernel_total_bytes"),
        "kernel_unreclaimable_bytes": _bytes(top.get("kernel_unreclaimable_bytes"), "facts.kernel_unreclaimable_bytes"),
        "accounting": _accounting(_mapping(top.get("accounting"), "facts.accounting")),
        "unavailable": unavailable,
        "attribution": checked_attribution(top.get("attribution")),
    }


def _host(host: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: _text(host.get(name), f"facts.host.{name}") for name in HOST_TEXTS}
    return texts | {name: _number(host.get(name), f"facts.host.{name}") for name in HOST_NUMBERS}


def _platform(platform: Mapping[str, Any]) -> dict[str, Any]:
    auditable = platform.get("auditable")
    if not isinstance(auditable, bool):
        raise ValueError("facts.platform.auditable is neither true nor false.")
    return {
        "kind": _one_of(platform.get("kind"), PLATFORM_KINDS, "facts.platform.kind"),
        "auditable": auditable,
        "reason": _text(platform.get("reason"), "facts.platform.reason"),
        "container_host": _truth(platform.get("container_host"), "facts.platform.container_host"),
        "kubernetes_node": _truth(platform.get("kubernetes_node"), "facts.platform.kubernetes_node"),
        "evidence": _texts(platform.get("evidence"), "facts.platform.evidence"),
    }


def _dimensions(dimensions: Mapping[str, Any]) -> dict[str, Any]:
    checked = {}
    for name in KINDS:
        key = f"{name}_bytes"
        # Only the unaccounted remainder is a difference, so only it may be below zero (inside its error band).
        checked[key] = _bytes(dimensions.get(key), f"facts.dimensions.{key}", below_zero=name == "unaccounted")
    return checked


def _accounting(accounting: Mapping[str, Any]) -> dict[str, Any]:
    terms = _mapping(accounting.get("terms") or {}, "facts.accounting.terms")
    holders = accounting.get("holders") or []
    if not isinstance(holders, list) or len(holders) > MAXIMUM_ENTRIES or len(terms) > MAXIMUM_ENTRIES:
        raise ValueError(
            f"facts.accounting.holders is not a list, or it or terms has more than {MAXIMUM_ENTRIES} entries."
        )
    return {
        "bound": _one_of(accounting.get("bound"), BOUNDS, "facts.accounting.bound"),
        "reasons": _texts(accounting.get("reasons"), "facts.accounting.reasons"),
        "vmalloc_meaning": _one_of(
            accounting.get("vmalloc_meaning"), VMALLOC_MEANINGS, "facts.accounting.vmalloc_meaning"
        ),
        "stacks_in_vmalloc": _truth(accounting.get("stacks_in_vmalloc"), "facts.accounting.stacks_in_vmalloc"),
        "unaccounted_band_bytes": _bytes(
            accounting.get("unaccounted_band_bytes"), "facts.accounting.unaccounted_band_bytes"
        ),
        "terms": {
            _name(name): _bytes(amount, f"facts.accounting.terms.{name}", below_zero=True)
            for name, amount in terms.items()
        },
        "holders": [_holder(_mapping(holder, "facts.accounting.holders")) for holder in holders],
        "unknown_fields": _texts(accounting.get("unknown_fields"), "facts.accounting.unknown_fields"),
    }


def _holder(holder: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": _text(holder.get("name"), "facts.accounting.holders.name"),
        "kind": _one_of(holder.get("kind"), HOLDER_KINDS, "facts.accounting.holders.kind"),
        "bytes": _bytes(holder.get("bytes"), "facts.accounting.holders.bytes"),
        "explanation": _text(holder.get("explanation"), "facts.accounting.holders.explanation"),
    }


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} is not a mapping.")
    return value


def _text(value: object, where: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{where} is neither text nor null.")
    return _cut(value)


def _texts(value: object, where: str) -> list[str]:
    if value is None:
        return []
    if (
        not isinstance(value, list)
        or len(value) > MAXIMUM_ENTRIES
        or not all(isinstance(entry, str) for entry in value)
    ):
        raise ValueError(f"{where} is not a list of at most {MAXIMUM_ENTRIES} texts.")
    return [_cut(entry) for entry in value]


def _texts_by_name(value: object, where: str) -> dict[str, str]:
    mapping = _mapping(value, where)
    if len(mapping) > MAXIMUM_ENTRIES or not all(isinstance(entry, str) for entry in mapping.values()):
        raise ValueError(f"{where} does not hold at most {MAXIMUM_ENTRIES} texts.")
    return {_name(name): _cut(entry) for name, entry in mapping.items()}


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("A field of facts has a name that is not text.")
    return _cut(value)


def _truth(value: object, where: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise ValueError(f"{where} is neither true, false nor null.")


def _one_of(value: object, known: tuple[str, ...], where: str) -> str:
    if isinstance(value, str) and value in known:
        return value
    raise ValueError(f"{where} is none of {', '.join(known)}.")


def _number(value: object, where: str) -> int | float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LARGEST_NUMBER:
        raise ValueError(f"{where} is neither a number from 0 up nor null.")
    return value


def _bytes(value: object, where: str, below_zero: bool = False) -> int | None:
    if value is None:
        return None
    lowest = -LARGEST_NUMBER if below_zero else 0
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= LARGEST_NUMBER:
        raise ValueError(f"{where} is neither a whole number of bytes nor null.")
    return value


def _cut(text: str) -> str:
    return text if len(text) <= MAXIMUM_TEXT else text[: MAXIMUM_TEXT - 3] + "..."
