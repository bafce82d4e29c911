# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of one healthy host with round numbers, so that tests can be worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import sample_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of

KIB, MIB, GIB = 1024, 1024**2, 1024**3
NOW = 1_795_521_600
"""The time that healthy facts were collected, in seconds since 1970."""
BUILT_IN = policy_of(None)


def healthy_facts(**changes: Any) -> dict[str, Any]:
    """Return facts of a quiet 64 GiB host; each change goes where its key belongs (``slab_unreclaimable_bytes=…``)."""
    facts: dict[str, Any] = {
        "schema_version": 2,
        "collected_at": "2026-11-24T12:00:00Z",
        "duration_ms": 7,
        "transport": None,
        "run_id": None,
        "host": {
            "boot_id": "6f1c",
            "machine_id": None,
            "uptime_seconds": 86400,
            "kernel_release": "6.12.0",
            "architecture": "x86_64",
            "page_size_bytes": 4096,
            "cpus_possible": 16,
            "cpus_online": 16,
            "memory_total_bytes": 64 * GIB,
            "memory_available_bytes": 48 * GIB,
            "memory_low_total_bytes": None,
            "threads": 1000,
            "threads_limit": 500_000,
            "cgroups": 100,
            "memory_available_estimated": False,
            "kernel_command_line": None,
            "booted_at": "2026-11-23T12:00:00Z",
            "cgroups_living": 100,
            "cgroups_dying": 0,
        },
        "platform": {
            "kind": "physical",
            "auditable": True,
            "reason": None,
            "container_host": False,
            "kubernetes_node": False,
            "evidence": [],
        },
        "dimensions": dict.fromkeys((f"{name}_bytes" for name in DIMENSIONS), 0)
        | {
            "slab_reclaimable_bytes": GIB,
            "slab_unreclaimable_bytes": 512 * MIB,
            "vmalloc_bytes": 200 * MIB,
            "kernel_stack_bytes": 1000 * 16 * KIB,
            "page_tables_bytes": 200 * MIB,
            "percpu_bytes": 16 * MIB,
            "unaccounted_bytes": 600 * MIB,
        },
        "kernel_total_bytes": 2 * GIB,
        "kernel_unreclaimable_bytes": GIB,
        "accounting": {
            "bound": "exact",
            "reasons": [],
            "vmalloc_meaning": "pages",
            "stacks_in_vmalloc": True,
            "unaccounted_band_bytes": 64 * MIB,
            "terms": {},
            "holders": [],
            "unknown_fields": [],
            "sockets_in_slab_bytes": 0,
        },
        "unavailable": {},
        "unavailable_class": {},
        "contradictions": [],
        "limits": [],
        "modules": {"count": None, "fingerprint": None, "outside": []},
        "huge_pages": {"total_bytes": None, "free_bytes": None, "reserved_bytes": None},
        "owners": [],
        "saved": False,
        "attribution": {},
    }
    for key, value in changes.items():
        places = [facts, *(facts[name] for name in ("host", "platform", "dimensions", "accounting"))]
        place = next(place for place in places if key in place)
        place[key] = value
    return facts


def facts_of(**changes: Any) -> Facts:
    """Return the same facts as the rules read them, with the same changes."""
    return checked_facts(healthy_facts(**changes))


def subject_of(
    facts: Facts,
    settings: Settings | None = None,
    *,
    environment: str = "production",
    name: str = "web1",
    groups: Sequence[str] = (),
    now: int = NOW,
) -> Subject:
    """Return the host with these facts as one that is judged; without *settings* by the built-in policy."""
    settings = settings or BUILT_IN.environments[environment]
    return Subject(name, sample_of(name, facts, now), environment, settings, facts, tuple(groups))
