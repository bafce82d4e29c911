# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two audits beside each other: what became worse, what became better, which hosts came and went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..model.finding import SEVERITIES
from ..words.labels import finding_phrase, hosts_phrase
from .consolidated import counts_of

SCHEMA = "fleetaudit.kernel_memory.compare/1"
BAD = ("critical", "warning")
MOST_AMOUNTS = 20
MOST_KERNELS = 50

Audit = Mapping[str, Any]
Host = Mapping[str, Any]
Key = tuple[str, str, str]


def compare_audits(before: Audit, after: Audit) -> dict[str, Any]:
    """Return the differences of two audits, by host, by group of findings, by environment and by kernel. Both are
    checked audits.

    A finding is known again by host, dimension, kind and unit. It is in ``worse`` or ``better`` where its severity
    changed, in ``appeared`` or ``vanished`` where it is in one audit only, always of hosts that were judged in both: a
    host without data is not cured, nor is a dimension that could not be judged (``no_longer_judged``) or whose finding
    somebody waived (``waived``).
    """
    old, new = ({host["name"]: host for host in audit["hosts"]} for audit in (before, after))
    both = sorted(set(old) & set(new))
    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("worse", "better", "appeared", "vanished", "no_longer_judged", "waived")
    }
    unchanged = 0
    for name in both:
        if old[name]["verdict"] != "unknown" and new[name]["verdict"] != "unknown":
            unchanged += _compare_host(old[name], new[name], found)
    for changes in found.values():
        changes.sort(
            key=lambda change: (
                SEVERITIES.index(change["severity"]),
                change["name"],
                change["dimension"],
                change["kind"],
                change["unit"],
            )
        )
    added, gone = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    lost = [name for name in both if _silent(new[name]) and not _silent(old[name])]
    comparison = {
        "schema": SCHEMA,
        "before": _about(before),
        "after": _about(after),
        **found,
        "unchanged": unchanged,
        "hosts_added": added,
        "hosts_added_in_trouble": [name for name in added if new[name]["verdict"] in BAD],
        "hosts_gone": gone,
        "data_lost": lost,
        "data_regained": [name for name in both if _silent(old[name]) and not _silent(new[name])],
        "rebooted": [name for name in both if _rebooted(old[name], new[name])],
        "groups": _groups(old, new),
        "environments": _environments(old, new),
        "kernels": _kernels(old, new),
        "amounts": _amounts(old, new, both),
        "policy_changed": before["policy"]["environments"] != after["policy"]["environments"],
    }
    return {**comparison, "sentence": _sentence(comparison)}


def _about(audit: Audit) -> dict[str, Any]:
    return {
        "run_id": audit["run_id"],
        "generated_at": audit["generated_at"],
        "decision": audit["decision"]["decision"],
        "sentence": audit["decision"]["sentence"],
        "counts": counts_of(audit["hosts"])["all"],
    }


def _compare_host(old: Host, new: Host, found: dict[str, list[dict[str, Any]]]) -> int:
    """Put the differences of a host into *found* and return how many findings are as they were."""
    was, now, unchanged = _worst(old), _worst(new), 0
    waived = {_key(finding) for finding in new["waived"]}
    for key in sorted({*was, *now}):
        first, second = was.get(key), now.get(key)
        if first is None and second is not None:
            found["appeared"].append(_change(new["name"], second, None, second))
        elif second is None and first is not None:
            where = "waived" if key in waived else "vanished" if _is_judged(new, key) else "no_longer_judged"
            found[where].append(_change(new["name"], first, first, None))
        elif first is not None and second is not None:
            rank = SEVERITIES.index(second["severity"]) - SEVERITIES.index(first["severity"])
            if rank:
                found["worse" if rank < 0 else "better"].append(_change(new["name"], second, first, second))
            else:
                unchanged += 1
    return unchanged


def _is_judged(host: Host, key: Key) -> bool:
    """Whether a host would have the finding if there were still a cause for it: not where its rule could not run."""
    dimension, kind, _unit = key
    coverage = host["coverage"] or {}
    missing = {**(coverage.get("not_judged") or {}), **((coverage.get("checks") or {}).get("not_judged") or {})}
    if dimension in missing:
        return False
    if kind == "disproportion":
        return bool(coverage.get("similar_hosts"))
    return kind == "limit" or bool((coverage.get("history") or {}).get("ready"))


def _key(finding: Mapping[str, Any]) -> Key:
    return finding["dimension"], finding["kind"], finding["unit"]


def _worst(host: Host) -> dict[Key, Mapping[str, Any]]:
    worst: dict[Key, Mapping[str, Any]] = {}
    for finding in host["findings"]:
        key = _key(finding)
        if key not in worst or SEVERITIES.index(finding["severity"]) < SEVERITIES.index(worst[key]["severity"]):
            worst[key] = finding
    return worst


def _change(
    name: str, finding: Mapping[str, Any], was: Mapping[str, Any] | None, now: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "name": name,
        "dimension": finding["dimension"],
        "kind": finding["kind"],
        "unit": finding["unit"],
        "severity": finding["severity"],
        "was": None if was is None else {"severity": was["severity"], "value": was["value"], "limit": was["limit"]},
        "now": None if now is None else {"severity": now["severity"], "value": now["value"], "limit": now["limit"]},
        "text": finding_phrase(finding),
    }


def _silent(host: Host) -> bool:
    """Whether nothing is known of a host. A second name of a kernel is known: its kernel is judged."""
    return host["no_data"] is not None and host["no_data"]["reason"] != "shared_kernel"


def _rebooted(old: Host, new: Host) -> bool:
    first, second = ((host["host"] or {}).get("boot_id") for host in (old, new))
    return bool(first and second and first != second)


def _groups(old: Mapping[str, Host], new: Mapping[str, Host]) -> list[dict[str, Any]]:
    """Return the findings, by dimension, kind and severity, that more or fewer hosts have than before."""
    was, now = (
        Counter(
            key
            for host in hosts.values()
            for key in {(finding["dimension"], finding["kind"], finding["severity"]) for finding in host["findings"]}
        )
        for hosts in (old, new)
    )
    groups = [
        {"dimension": key[0], "kind": key[1], "severity": key[2], "hosts_before": was[key], "hosts_after": now[key]}
        for key in {*was, *now}
        if was[key] != now[key]
    ]
    return sorted(
        groups,
        key=lambda group: (
            SEVERITIES.index(group["severity"]),
            -(group["hosts_after"] - group["hosts_before"]),
            group["dimension"],
            group["kind"],
        ),
    )


def _environments(old: Mapping[str, Host], new: Mapping[str, Host]) -> dict[str, Any]:
    was, now = (counts_of(list(hosts.values()))["by_environment"] for hosts in (old, new))
    return {name: {"before": was.get(name), "after": now.get(name)} for name in sorted({*was, *now})}


def _kernels(old: Mapping[str, Host], new: Mapping[str, Host]) -> list[dict[str, Any]]:
    """Return, by kernel, how many hosts were judged on it and how many of them need attention."""
    counts: dict[str, dict[str, int]] = {}
    for when, hosts in (("before", old), ("after", new)):
        for host in hosts.values():
            if host["verdict"] != "unknown":
                kernel = (host["host"] or {}).get("kernel_release") or "not known"
                numbers = counts.setdefault(
                    kernel, dict.fromkeys(("hosts_before", "attention_before", "hosts_after", "attention_after"), 0)
                )
                numbers[f"hosts_{when}"] += 1
                numbers[f"attention_{when}"] += host["verdict"] in BAD
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1]["hosts_after"], -entry[1]["hosts_before"], entry[0]))
    return [{"kernel": kernel, **numbers} for kernel, numbers in ordered[:MOST_KERNELS]]


def _amounts(old: Mapping[str, Host], new: Mapping[str, Host], both: list[str]) -> list[dict[str, Any]]:
    """Return the hosts whose unreclaimable kernel memory changed most, the largest change first."""
    field = "kernel_unreclaimable_bytes"
    known = [
        name
        for name in both
        if old[name][field] is not None and new[name][field] is not None and old[name][field] != new[name][field]
    ]
    known.sort(key=lambda name: (-abs(new[name][field] - old[name][field]), name))
    return [
        {"name": name, "before_bytes": old[name][field], "after_bytes": new[name][field]}
        for name in known[:MOST_AMOUNTS]
    ]


def _sentence(comparison: Mapping[str, Any]) -> str:
    worse, better = (
        len({change["name"] for kind in kinds for change in comparison[kind] if change["severity"] != "info"})
        for kinds in (("worse", "appeared"), ("better", "vanished"))
    )
    parts = [
        f"{hosts_phrase(worse)} {'is' if worse == 1 else 'are'} worse",
        f"{better:,} {'is' if better == 1 else 'are'} better",
    ]
    if comparison["hosts_added_in_trouble"]:
        parts.append(f"{hosts_phrase(len(comparison['hosts_added_in_trouble']))} came with findings")
    if comparison["data_lost"]:
        parts.append(f"{hosts_phrase(len(comparison['data_lost']))} gave no data this time")
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"
