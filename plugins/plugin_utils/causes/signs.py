# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The signs of patterns in slab: functions that say in one sentence what in the numbers shows a pattern, or give an
empty text.
"""

from __future__ import annotations

import re

from ..dimensions.table import TOTAL
from ..model.finding import Finding
from ..text.safe import one_line
from ..text.units import human_bytes, percent_text
from .families import (
    ACCOUNTED,
    CONNTRACK,
    DENTRY,
    FILES,
    KEYS,
    KMALLOC,
    ZERO_COPY,
    Family,
    family_of_module,
    module_of_cache,
)
from .holdings import Holdings
from .scene import Scene

_FIRST_FIXED_BUILD = 1075
_RELEASE_3_10 = re.compile(r"3\.10\.0-(\d+)")
_HEADS_PERCENT = 5
_KMALLOC_PERCENT = 40
_MODULE_PERCENT = 25


def of_family(family: Family, scene: Scene, finding: Finding) -> str:
    """Whether a family has more of slab than any other, and its share."""
    held = scene.holdings(finding)
    clause = held.clause(family.caches, family.percent)
    # Mostly it has too little, and then nobody asks for all the others.
    return clause if clause and held.family() is family else ""


def with_data_elsewhere(family: Family, scene: Scene, finding: Finding) -> str:
    """Whether the caches of a family have their share, or one record for each two objects of the largest general
    cache, which then holds what belongs to them.
    """
    held = scene.holdings(finding)
    heads = sum(one.objects for one in held.of(family.caches))
    data = max((one.objects for one in held.of(KMALLOC)), default=0)
    return held.clause(family.caches, _HEADS_PERCENT if data and heads * 2 >= data else family.percent)


def kernel_keys(scene: Scene, finding: Finding) -> str:
    """Whether keys have their share: by their own cache, or by the bytes that the kernel counts of their users."""
    said, part = with_data_elsewhere(KEYS, scene, finding), scene.attribution.kernel_keys
    users = part.users if part is not None else ()
    if not said:
        said = _content_of_keys(scene.holdings(finding), sum(user.bytes or 0 for user in users))
    if said and part is not None and users and users[0].count:
        said += f" The user with the id {users[0].uid or 0} has {users[0].count:,} of {part.total or 0:,} keys."
    return said


def _content_of_keys(held: Holdings, stored: int) -> str:
    """Whether what keys hold, which lies in general caches, is much of slab, and no family of caches has more."""
    if held.grown or not held.whole or stored * 100 < KEYS.percent * held.whole or held.family() is not None:
        return ""
    share = percent_text(min(stored, held.whole), held.whole)
    return f"The content of keys is {human_bytes(stored)}, {share} of the unreclaimable slab, in general caches."


def connection_tracking(scene: Scene, finding: Finding) -> str:
    if finding.dimension == "object_limits":
        return "Connection tracking is nearly full." if object_of(finding) == "conntrack" else ""
    return of_family(CONNTRACK, scene, finding)


def old_kmem_accounting(scene: Scene, finding: Finding) -> str:
    release = scene.sample.kernel_release or ""
    build = _RELEASE_3_10.match(release)
    if not release.startswith("3.10.") or (build and int(build.group(1)) >= _FIRST_FIXED_BUILD):
        return ""
    platform, cgroups = scene.subject.platform, scene.sample.cgroups or 0
    if not (platform.container_host or platform.kubernetes_node or scene.has_group_caches or cgroups >= 2000):
        return ""
    caches = scene.holdings(finding)
    held = caches.clause(ACCOUNTED, 25)
    if caches.caches and not held and not scene.has_group_caches:
        return ""
    return f"The kernel is {one_line(release, 60)} and runs containers. {held}".strip()


def cache_of_module(scene: Scene, finding: Finding) -> str:
    """Whether caches that begin with the name of one module from outside have much of slab."""
    held = scene.holdings(finding)
    caches: dict[str, list[str]] = {}
    for one in held.caches:
        module = module_of_cache(one.name, scene.outside)
        if module is not None:
            caches.setdefault(module, []).append(one.name)
    for module, names in caches.items():
        clause = held.clause(re.compile("|".join(map(re.escape, names))), _MODULE_PERCENT)
        if clause:
            return f"{clause} The name is that of the module {module}, which is loaded and is not part of the kernel."
    return ""


def graphics_slab(scene: Scene, finding: Finding) -> str:
    drivers = scene.holders("gpu")
    if finding.kind != "growth" or not drivers or scene.growing.keys() - {"slab_unreclaimable", TOTAL}:
        return ""
    held = scene.holdings(finding)
    if held.grown and held.family() is not None:
        return ""
    return f"Only unreclaimable slab grows, and the graphics driver {drivers[0]} is loaded."


def zero_copy_driver(scene: Scene, finding: Finding) -> str:
    held = scene.holdings(finding).clause(KMALLOC, _KMALLOC_PERCENT)
    capture = [name for name in scene.outside if ZERO_COPY.fullmatch(name)]
    return f"{held} {', '.join(capture)} is loaded for packet capture without copies." if held and capture else ""


def kmalloc(scene: Scene, finding: Finding) -> str:
    caches = scene.holdings(finding)
    held, outside = caches.clause(KMALLOC, _KMALLOC_PERCENT), scene.outside_caches
    if not held and not caches.grown and outside * 100 >= _KMALLOC_PERCENT * scene.size("slab_unreclaimable") > 0:
        held = f"{human_bytes(outside)} of slab are in no cache: they were allocated in pieces of more than 8 KiB."
    return f"{held}{_strangers(scene)}" if held else ""


def _strangers(scene: Scene) -> str:
    """Return a sentence on the modules from outside, or nothing where there are none."""
    if scene.outside:
        families = (family_of_module(name) for name in scene.outside)
        called = sorted({family.called for family in families if family is not None})
        known = f" ({', '.join(called)})" if called else ""
        return f" These modules are not part of the kernel: {scene.outside_named}{known}."
    return " A module from outside the kernel's sources has been loaded since boot." if scene.out_of_tree else ""


def containers_unexplained(scene: Scene, _finding: Finding) -> str:
    if not ({"slab_unreclaimable", "unaccounted"} <= scene.alarmed and scene.subject.platform.container_host):
        return ""
    slab, rest = human_bytes(scene.size("slab_unreclaimable")), human_bytes(scene.size("unaccounted"))
    return f"On this container host unreclaimable slab ({slab}) and memory in no counter ({rest}) are high together."


def names_of_no_files(scene: Scene, finding: Finding) -> str:
    if finding.dimension == "object_limits":
        return (
            "Most dentries are names of files that do not exist." if object_of(finding) == "negative_dentries" else ""
        )
    if finding.dimension == "memory_pressure" and "slab_reclaimable_bytes" not in finding.evidence:
        return ""
    objects = scene.attribution.objects
    dentries, negative = (objects.dentries or 0, objects.dentries_negative) if objects else (0, None)
    if negative and negative * 2 >= dentries:
        return f"{negative:,} of {dentries:,} dentries are names of files that do not exist."
    held = scene.holdings(finding, reclaimable=True).clause(DENTRY, 50)
    return f"{held} This kernel does not count those of files that do not exist." if held and negative is None else ""


def files_in_memory(scene: Scene, finding: Finding) -> str:
    return scene.holdings(finding, reclaimable=True).clause(FILES, 50)


def object_of(finding: Finding) -> str:
    """Return the object of which a check speaks."""
    return str(finding.evidence.get("object") or "")
