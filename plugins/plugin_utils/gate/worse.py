# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a host has so much more of a dimension than before that this alone is bad."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import Any

from ..dimensions.table import JUDGED
from ..text.units import human_bytes, number_text
from ..words.labels import dimension_label
from .answer import Answer
from .before_after import COMPARED, GOES_BY_ITSELF
from .what_grew import what_grew

OWN_SPREADS = 6
"""So many of its own spreads must a dimension of a host stand above its past: simulated dimensions have heavy tails."""
OWN_SPREADS_OF_MANY = 7
"""The same in a pool of 8 to 20 hosts: the more there are, the more often one of them goes far by chance."""
MANY = 20


def own_spreads(hosts: int, alone: bool) -> float:
    """Return how many of its own spreads a dimension of a host must stand above its past, in a pool of so many *hosts*.

    With tails as heavy as those of the simulation (t with four degrees of freedom) the chance of going far falls with
    the fourth power of the distance. So of sixteen times as many hosts the farthest goes twice as far.
    """
    return OWN_SPREADS if alone else OWN_SPREADS_OF_MANY * max(1.0, hosts / MANY) ** 0.25


def add_worse(
    answer: Answer,
    comparison: Mapping[str, Any],
    settings: Mapping[str, Any],
    treatment: str,
    *,
    alone: bool = False,
    hosts: int = 1,
    looks: tuple[Mapping[str, object], Mapping[str, object]] | None = None,
) -> None:
    """Add a reason for each dimension that is worse by the rule for a single host. *hosts* are in its pool; *alone*:
    too few for a test. *looks* are the facts before and after, to name who has grown.
    """
    rule = settings["worse"]
    if rule is None:
        return
    limits = [(rule["ratio"], rule["percent_of_ram"])]
    if alone:
        limits.append((rule["ratio_alone"], rule["percent_of_ram_alone"]))
    spreads = own_spreads(hosts, alone)
    memory, rows = comparison["memory_total_bytes"] or 0, comparison["dimensions"]
    found = {
        name: ratio
        for ratio, share in reversed(limits)
        for name in COMPARED
        if name not in GOES_BY_ITSELF and _is_worse(rows[name], ratio, memory * share / 100, spreads)
    }
    worse = [name for name in COMPARED if name in found]
    # The total is worth a sentence only where none of its parts has one.
    for name in [name for name in worse if name in JUDGED] or worse:
        row = rows[name]
        basis = "at the same uptime in an earlier boot" if row["basis"] == "equal_uptime" else "before"
        said = f"{human_bytes(row['reference_bytes'])} {basis}, {human_bytes(row['after_bytes'])} now"
        ratio = f"{number_text(row['ratio'])} times" if row["ratio"] is not None else "from nothing"
        owner = "" if looks is None else what_grew(*looks, name, row["difference_bytes"])
        sentence = f"{dimension_label(name)} {said} ({ratio}; {number_text(found[name])} times is the limit). {owner}"
        answer.add(treatment, "worse", sentence.rstrip(), name)


def _is_worse(row: Mapping[str, Any], ratio: float, least: float, spreads: float) -> bool:
    if row["outcome"] != "more" or row["difference_bytes"] < least:
        return False
    if row.get("spread") is not None:
        # What the host does by itself from boot to boot is no regression.
        ratio = max(ratio, exp(spreads * row["spread"]))
    return bool(row["reference_bytes"] <= 0 or row["after_bytes"] >= ratio * row["reference_bytes"])
