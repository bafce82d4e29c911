# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a change cost memory on all hosts a little? Two tests over the changed hosts of a rollout, dimension by
dimension.

``paired``: each host against itself before. ``cohort``: changed hosts against hosts that are not changed yet. Both are
exact rank tests, corrected by Holm over the six dimensions that do not follow the work of a host. Both also demand an
effect: a ratio, and more bytes than noise. Where hosts are too few for ``paired``, a dimension is worse if every single
host, three at least, has clearly more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from ..dimensions.table import JUDGED
from ..rules.robust_statistics import median_of
from ..text.units import human_bytes, number_text
from ..words.labels import dimension_label, hosts_phrase
from .before_after import GOES_BY_ITSELF, noise_bytes
from .rank_tests import holm, rank_sum, signed_rank, smallest_chance

TESTED = tuple(name for name in JUDGED if name not in GOES_BY_ITSELF)
"""Caches are not tested: they can't block, so they must not make the limits of the others stricter either."""
FEWEST = 3
"""So many hosts, all of them, must have more before a regression is believed without a test."""
_OWN_CHANCE = 0.125  # three of three hosts rose

Comparison = Mapping[str, Any]
"""The result of ``compare_facts``."""


def paired_test(comparisons: Sequence[Comparison], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Test the changed hosts against themselves. *settings* is a plain gate section."""
    rule = settings["regression"]
    if rule is None:
        return _not_tested("off", 0, 0, "The policy has switched it off.")
    needed = rule["minimum_hosts"]
    if len(comparisons) < needed:
        result = _not_tested(
            "not_testable",
            len(comparisons),
            needed,
            f"{_changed(len(comparisons))} changed so far; the test needs {needed}.",
        )
        return {**result, "dimensions": _on_every_host(comparisons, rule)}
    chances: dict[str, float] = {}
    figures: dict[str, dict[str, Any]] = {}
    for name in TESTED:
        pairs = [one["dimensions"][name] for one in comparisons]
        pairs = [
            pair
            for pair in pairs
            if pair["reference_bytes"] is not None and pair["reference_bytes"] > 0 and pair["after_bytes"] > 0
        ]
        if len(pairs) < needed:
            continue
        chances[name] = signed_rank([log(pair["after_bytes"] / pair["reference_bytes"]) for pair in pairs])
        figures[name] = {
            "changed": len(pairs),
            "unchanged": None,
            "ratio": round(_median([pair["after_bytes"] / pair["reference_bytes"] for pair in pairs]), 3),
            "difference_bytes": int(_median([pair["difference_bytes"] for pair in pairs])),
            "noise_bytes": int(_median([pair["noise_bytes"] for pair in pairs])),
            "own_ratio": None,
        }
    return _tested(chances, figures, rule, len(comparisons), needed, smallest_chance(len(comparisons)))


def cohort_test(
    comparisons: Sequence[Comparison], unchanged: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Test the changed hosts against unchanged ones, which have ``memory_total_bytes`` and ``amounts``. *settings* as
    above.

    Hosts are compared by share of RAM, and only with hosts that have half to double the RAM. A changed host that always
    had more must not look like a regression, so the changed hosts must also have more than they had themselves.
    """
    rule, size = settings["regression"], settings["cohort"]
    if rule is None or size is None:
        return _not_tested("off", 0, 0, "The policy has switched it off.")
    changed = [one for one in comparisons if one["memory_total_bytes"]]
    middle = _median([one["memory_total_bytes"] for one in changed]) if changed else 0
    others = [
        one for one in unchanged if one["memory_total_bytes"] and middle / 2 <= one["memory_total_bytes"] <= middle * 2
    ]
    needed = size["minimum_changed"]
    if len(changed) < needed or len(others) < size["minimum_unchanged"]:
        said = (
            f"{_changed(len(changed))} changed and {hosts_phrase(len(others))} not yet changed can be compared; "
            f"the test needs {needed} and {size['minimum_unchanged']}."
        )
        return {**_not_tested("not_testable", len(changed), needed, said), "unchanged": len(others)}
    chances: dict[str, float] = {}
    figures: dict[str, dict[str, Any]] = {}
    for name in TESTED:
        now = [
            (one["dimensions"][name], one["memory_total_bytes"])
            for one in changed
            if one["dimensions"][name]["outcome"] != "not_comparable"
        ]
        rest = [
            one["amounts"][name] / one["memory_total_bytes"] for one in others if one["amounts"].get(name) is not None
        ]
        if len(now) < needed or len(rest) < size["minimum_unchanged"]:
            continue
        shares = [pair["after_bytes"] / memory for pair, memory in now]
        own = [
            pair["after_bytes"] / pair["reference_bytes"]
            for pair, _memory in now
            if pair["reference_bytes"] > 0 and pair["after_bytes"] > 0
        ]
        # Hosts that did not rise themselves are no evidence, however high they stand.
        rose = signed_rank([log(ratio) for ratio in own]) <= _OWN_CHANCE
        chances[name] = rank_sum(shares, rest) if rose else 1.0
        usual = _median(rest)
        figures[name] = {
            "changed": len(shares),
            "unchanged": len(rest),
            "ratio": round(_median(shares) / usual, 3) if usual > 0 else None,
            "difference_bytes": int((_median(shares) - usual) * middle),
            "noise_bytes": noise_bytes(int(middle), settings["noise"]),
            "own_ratio": round(_median(own), 3) if own else None,
        }
    result = _tested(chances, figures, rule, len(changed), needed, smallest_chance(len(changed), len(others)))
    return {**result, "unchanged": len(others)}


def _on_every_host(comparisons: Sequence[Comparison], rule: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the figures of the dimensions of which every one of a few hosts has clearly more."""
    found: dict[str, dict[str, Any]] = {}
    for name in TESTED:
        pairs = [
            one["dimensions"][name] for one in comparisons if one["dimensions"][name]["outcome"] != "not_comparable"
        ]
        more = [
            pair
            for pair in pairs
            if pair["outcome"] == "more" and pair["after_bytes"] >= rule["ratio_of_few"] * pair["reference_bytes"] > 0
        ]
        if len(more) < max(FEWEST, len(pairs)):
            continue
        found[name] = {
            "changed": len(more),
            "unchanged": None,
            "own_ratio": None,
            "p": None,
            "p_holm": None,
            "worse": True,
            "ratio": round(min(pair["after_bytes"] / pair["reference_bytes"] for pair in more), 3),
            "difference_bytes": min(pair["difference_bytes"] for pair in more),
            "noise_bytes": max(pair["noise_bytes"] for pair in more),
        }
    return found


def regression_sentence(name: str, figures: Mapping[str, Any], test: str) -> str:
    """Return a regression in one sentence with the numbers to check it by."""
    if figures["p_holm"] is None:
        return (
            f"{dimension_label(name)} is at least {number_text(figures['ratio'])} times what it was before on every "
            "one of "
            f"{hosts_phrase(figures['changed'])}, by {human_bytes(figures['difference_bytes'])} or more."
        )
    against = "before" if test == "paired" else f"on {hosts_phrase(figures['unchanged'])} that are not changed yet"
    return (
        f"{dimension_label(name)} is {number_text(figures['ratio'])} times what it was {against}, the median of "
        f"{hosts_phrase(figures['changed'])}, {human_bytes(figures['difference_bytes'])} more on each; "
        f"if the change did nothing, the chance of this is {_chance(figures['p_holm'])}."
    )


def _chance(p: float) -> str:
    return f"{100 * p:.2g} %" if p >= 0.0001 else "below 0.01 %"


def _changed(number: int) -> str:
    return f"{number:,} {'host has' if number == 1 else 'hosts have'}" if number else "No host has"


def _tested(
    chances: Mapping[str, float],
    figures: Mapping[str, dict[str, Any]],
    rule: Mapping[str, Any],
    hosts: int,
    needed: int,
    smallest: float,
) -> dict[str, Any]:
    corrected = holm(chances)
    for name, row in figures.items():
        row["p"], row["p_holm"] = round(chances[name], 6), round(corrected[name], 6)
        row["worse"] = (
            corrected[name] <= rule["significance"]
            and (row["ratio"] or 0) >= rule["ratio"]
            and row["difference_bytes"] >= row["noise_bytes"]
            and (row["own_ratio"] is None or row["own_ratio"] >= rule["ratio"])
        )
    if not chances or smallest * len(chances) > rule["significance"]:
        reason = (
            "No dimension is known on enough hosts."
            if not chances
            else "So few hosts can't show anything at this significance."
        )
        return _not_tested("not_testable", hosts, needed, reason)
    return {
        "state": "tested",
        "changed": hosts,
        "unchanged": None,
        "needed": needed,
        "reason": None,
        "dimensions": dict(figures),
    }


def _not_tested(state: str, hosts: int, needed: int, reason: str) -> dict[str, Any]:
    return {"state": state, "changed": hosts, "unchanged": None, "needed": needed, "reason": reason, "dimensions": {}}


def _median(numbers: Sequence[float]) -> float:
    return median_of(sorted(numbers))
