# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole audits for tests of outputs: a synthetic fleet, and on request all that history and similar hosts add to it,
made by hand.

The additions are made without the rules that make them in earnest, so an output can be tested with findings of every
kind.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS, TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.fleet import SHARES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.stack import PACKED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.labels import NO_DATA_LABELS
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built
from ansible_collections.fleetaudit.kernel_memory.tests.unit.stacks import stack_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import GIB, MIB

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
RUNS = 30
SICK_KERNEL = "5.14.0-570.12.1.el9_6.x86_64"
SHOWN = (TOTAL, *DIMENSIONS)

# Fields that hold a word of the project or a time of the controller, which no host can write.
OWN_FIELDS = (
    "verdict",
    "severity",
    "kind",
    "dimension",
    "status",
    "state",
    "bound",
    "decision",
    "was",
    "unit",
    "what",
    "vmalloc_meaning",
    "schema",
    "generated_at",
    "started_at",
    "collected_at",
    "previous_run_at",
    "first_seen_at",
    "first_run_at",
    "signs",
)


def audit(hosts: int = 200, seed: int = 4) -> dict[str, Any]:
    """Return the audit of a synthetic fleet, as a first run without any history gives it."""
    run, records = synthetic.fleet(hosts, seed)
    for record in records.values():
        if record["facts"]:
            _in_kib(record["facts"])
    return built(run, records, policy_of(None))


def audit_with_history(hosts: int = 200, seed: int = 4, runs: int = RUNS) -> dict[str, Any]:
    """Return the same audit with history, changes, causes over the fleet, slab caches and waivers."""
    made, chance = audit(hosts, seed), random.Random(seed)
    for host in made["hosts"]:
        host.update(groups=[host["environment"]], profiles=[], waived=[])
        _add_findings(host, chance)
        _add_history(host, chance, runs)
    return made | additions(made["hosts"], made["groups"], runs)


def _in_kib(facts: dict[str, Any]) -> None:
    """Make the amounts of a host whole KiB, as a kernel counts them, and its totals their sums."""
    amounts = facts["dimensions"]
    amounts.update({field: amount // 1024 * 1024 for field, amount in amounts.items()})
    facts["kernel_total_bytes"] = sum(amount for field, amount in amounts.items() if field != "unaccounted_bytes")
    facts["kernel_unreclaimable_bytes"] = facts["kernel_total_bytes"] - amounts["slab_reclaimable_bytes"]


def additions(
    hosts: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], runs: int = RUNS
) -> dict[str, Any]:
    """Return what is added to an audit as a whole."""
    bad = [host for host in hosts if host["findings"]]
    last = (bad or hosts)[-1]["name"]
    return {
        "runs": [_run(hosts, ago) for ago in range(runs - 1, -1, -1)],
        "history": {
            "state": "ready",
            "message": None,
            "engine": "sqlite",
            "name": "history.sqlite3",
            "runs": runs,
            "hosts": len(hosts),
            "first_run_at": moment(runs - 1),
        },
        "changes": {
            "previous_run_at": moment(1),
            "ongoing": max(0, len(bad) - 9),
            "new": [change(host, None) for host in bad[:4]],
            "worse": [change(host, "warning") for host in bad[4:6]],
            "better": [change(host, "critical") for host in bad[6:7]],
            "resolved": [change(host, "warning") for host in bad[7:9]],
        },
        "caches": [
            {
                "name": "kmalloc-512",
                "aliases": ["eventpoll_pwq", "pool_workqueue"],
                "hosts": len(bad),
                "bytes": len(bad) * 380 * MIB,
                "largest_host": (bad or hosts)[0]["name"],
                "shared": f"Large on most hosts with kernel {SICK_KERNEL}, small on the others.",
            },
            {
                "name": "dentry",
                "aliases": [],
                "hosts": len(bad),
                "bytes": len(bad) * 120 * MIB,
                "largest_host": last,
                "shared": None,
            },
        ],
        "groups": sorted((_shared(group) for group in groups), key=lambda group: not group["regression"]),
        "fleet_findings": [
            {
                "kind": "uptime_growth",
                "dimension": TOTAL,
                "severity": "warning",
                "kernel": SICK_KERNEL,
                "hosts": 21,
                "bytes_per_day": 38 * MIB,
                "low": 31 * MIB,
                "high": 44 * MIB,
                "next_step": "Plan the next kernel on five of these hosts first, and compare after a week.",
                "command": "",
                "explanation": f"On kernel {SICK_KERNEL} each day of uptime costs 38 MiB (31 to 44 MiB) of "
                "unreclaimable kernel memory; not so on others.",
            }
        ],
        "waivers": [
            {
                "hosts": "log-*",
                "dimension": "slab_unreclaimable",
                "kind": None,
                "reason": "Elasticsearch moves in March",
                "until": "2027-03-31",
                "used": 2,
                "expired": False,
            },
            {
                "hosts": "staging",
                "dimension": "*",
                "kind": "limit",
                "reason": "load test",
                "until": "2026-10-01",
                "used": 0,
                "expired": True,
            },
        ],
    }


def _run(hosts: Sequence[Mapping[str, Any]], ago: int) -> dict[str, Any]:
    """Return a run over the fleet so many days ago: a little less of everything each day."""
    judged = [host for host in hosts if host["dimensions"]]
    part = 1 - ago / 100
    shares = sorted(host["kernel_unreclaimable_bytes"] / host["host"]["memory_total_bytes"] for host in judged)
    spread = [round(part * shares[(len(shares) - 1) * percent // 100], 5) for percent in SHARES]
    counts = {
        verdict: sum(host["verdict"] == verdict for host in hosts) for verdict in ("critical", "warning", "unknown")
    }
    before = {verdict: int(number * part) for verdict, number in counts.items()}
    return {
        "started_at": moment(ago),
        "hosts": len(hosts),
        **before,
        "ok": len(hosts) - sum(before.values()),
        "sums": {
            kind: int(part * sum(host["dimensions"][f"{kind}_bytes"] or 0 for host in judged)) if judged else None
            for kind in PACKED
        },
        "unreclaimable": spread,
        "available": [round(1 - share, 5) for share in reversed(spread)],
    }


def change(host: Mapping[str, Any], was: str | None) -> dict[str, Any]:
    """Return one change: that of a host's first finding."""
    finding = host["findings"][0]
    return {
        "name": host["name"],
        "dimension": finding["dimension"],
        "kind": finding["kind"],
        "severity": finding["severity"],
        "was": was,
        "first_seen_at": moment(3),
        "text": finding["explanation"].split(";")[0] + ".",
    }


def moment(days_ago: int) -> str:
    """Return the time of the audit so many days before the last."""
    return (NOW - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shared(group: Mapping[str, Any]) -> dict[str, Any]:
    if group["dimension"] != "percpu":
        return {**group, "shared": None, "regression": False}
    with_it = len(group["hosts"])
    return {
        **group,
        "regression": True,
        "shared": {
            "what": "kernel",
            "name": SICK_KERNEL,
            "hosts_with": with_it,
            "hosts_there": 3 * with_it,
            "rate_percent": 33.3,
            "rest_rate_percent": 1.2,
            "sentence": f"{with_it} of {3 * with_it} hosts with kernel {SICK_KERNEL} have it (33.3 %), but 1.2 % of "
            "the others.",
        },
    }


def _add_findings(host: dict[str, Any], chance: random.Random) -> None:
    """Give the findings of a host a past, and half of the hosts that have one a second finding about their history."""
    for finding in host["findings"]:
        finding["first_seen_at"] = moment(chance.choice([0, 1, 3, 12]))
    if host["findings"] and chance.random() < 0.5:
        kind, status = chance.choice(
            [("growth", "confirmed"), ("spike", "suspected"), ("drop", "suspected"), ("disproportion", "confirmed")]
        )
        host["findings"].append(
            synthetic.finding(
                "slab_unreclaimable",
                "warning",
                kind=kind,
                status=status,
                value=2 * GIB,
                limit=GIB,
                first_seen_at=moment(3),
                pattern=None,
                evidence={},
                explanation=f"Slab that can't be reclaimed: a {kind} of 2 GiB in 14 days since 2026-11-10; the "
                "amount that counts here is 1 GiB.",
            )
        )


def _add_history(host: dict[str, Any], chance: random.Random, runs: int) -> None:
    if not host["dimensions"]:
        host.update(trend=None, baseline={})
        return
    kept = SHOWN if host["findings"] else (TOTAL,)
    faults = {finding["dimension"] for finding in host["findings"]}
    amounts, baseline = {}, {}
    for dimension in kept:
        now = host["kernel_unreclaimable_bytes"] if dimension == TOTAL else host["dimensions"][f"{dimension}_bytes"]
        if now is None:
            continue
        sick = dimension in faults or (dimension == TOTAL and bool(faults))
        usual = now * 0.6 if sick else now
        steps = [
            usual * chance.uniform(0.97, 1.03) + (now - usual) * max(0.0, (step - runs // 2) / (runs / 2))
            for step in range(runs - 1)
        ]
        amounts[dimension] = [int(step) // 1024 for step in steps] + [now // 1024]
        baseline[dimension] = {
            "state": "ready",
            "samples": runs,
            "needed": 7,
            "median_bytes": int(usual),
            "low_bytes": int(usual - abs(usual) * 0.04),
            "high_bytes": int(usual + abs(usual) * 0.04),
            "slope_bytes_per_day": 0,
            "started_at": moment(runs),
        }
    if chance.random() < 0.1:
        amounts = {dimension: [None, *rest[1:]] for dimension, rest in amounts.items()}
    start = int(NOW.timestamp())
    times = [start - 86400 * ago for ago in range(runs - 1, -1, -1)]
    boots = [times[place] for place in ([runs // 3] if runs > 3 and chance.random() < 0.3 else [])]
    host.update(
        baseline=baseline,
        trend={
            "collected_at": times,
            "amounts": amounts,
            "stack": stack_of(_all_kinds(host, amounts, chance, runs), runs).as_plain(),
            "booted_at": boots,
            "new_kernel_at": boots if chance.random() < 0.5 else [],
        },
        critical_limits=_critical_limits(host),
    )


def _all_kinds(
    host: Mapping[str, Any], amounts: Mapping[str, list[int | None]], chance: random.Random, runs: int
) -> dict[str, list[int | None]]:
    """Return the past of every kind: that of the trend where there is one, else noise around what is there now."""
    known: dict[str, list[int | None]] = {}
    for dimension in DIMENSIONS:
        now = host["dimensions"][f"{dimension}_bytes"]
        if dimension in amounts:
            known[dimension] = amounts[dimension]
        elif now is not None:
            known[dimension] = [int(now * chance.uniform(0.97, 1.03)) // 1024 for _unused in range(runs)]
    return known


def _critical_limits(host: Mapping[str, Any]) -> dict[str, int]:
    memory = host["host"]["memory_total_bytes"]
    shares = {"slab_unreclaimable": 0.15, "percpu": 0.02, "page_tables": 0.08, "vmalloc": 0.05, TOTAL: 0.2}
    limits = {dimension: int(memory * share) for dimension, share in shares.items()}
    found = {one["dimension"]: int(one["limit"]) for one in host["findings"] if one["kind"] == "limit"}
    return limits | {key: limit for key, limit in found.items() if key in limits}


def shouted(made: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return an audit with *text* in every field that a host, an inventory or a policy can write; names stay apart
    by a number.
    """
    names = {host["name"]: f"{text}{number}" for number, host in enumerate(made["hosts"])}

    def shout(value: Any, field: str = "") -> Any:
        if isinstance(value, dict):
            loud = field in ("by_environment", "environments")
            return {text if loud else key: shout(entry, key) for key, entry in value.items()}
        if isinstance(value, list):
            return [shout(entry, field) for entry in value]
        if not isinstance(value, str) or field in OWN_FIELDS or (field == "reason" and value in NO_DATA_LABELS):
            return value
        return names.get(value, text)

    return dict(shout(dict(made)))
