# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""metrics.prom: gauges for Prometheus, written for the textfile collector of node_exporter; valid OpenMetrics, too.

No sample has a timestamp (the collector refuses them); when the audit was made is a gauge of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..dimensions.table import DIMENSIONS, TOTAL
from ..model.finding import VERDICTS
from ..model.times import seconds_of
from ..text.safe import visible

PREFIX = "kernel_memory_audit_"
DECISIONS = ("pass", "hold", "fail", "inconclusive")
AMOUNTS = (*DIMENSIONS, "kernel_total", TOTAL)

Host = Mapping[str, Any]


def pieces(audit: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of metrics.prom. All samples of a family stand together, as the format demands."""
    hosts = audit["hosts"]
    yield _head("info", "What was audited by what.")
    yield _sample(
        "info", {"run_id": audit["run_id"], "version": audit["tool"]["version"], "policy": audit["policy"]["name"]}, 1
    )
    yield _head("generated_timestamp_seconds", "When the audit was made, in seconds since 1970.")
    yield _sample("generated_timestamp_seconds", {}, seconds_of(audit["generated_at"]))
    yield _head("decision", "1 for the decision of the audit, 0 for the others.")
    for decision in DECISIONS:
        yield _sample("decision", {"decision": decision}, int(audit["decision"]["decision"] == decision))
    yield _head("hosts", "Number of hosts by environment and verdict; unknown is no data.")
    for environment, counts in sorted(audit["counts"]["by_environment"].items()):
        for verdict in VERDICTS:
            yield _sample("hosts", {"environment": environment, "verdict": verdict}, counts[verdict])
    yield _head("host_verdict", "1 for the verdict of a host.")
    for host in hosts:
        yield _sample("host_verdict", {**_names(host), "verdict": host["verdict"]}, 1)
    yield _head("host_memory_bytes", "RAM of a host.")
    for host in hosts:
        memory = (host["host"] or {}).get("memory_total_bytes")
        if memory is not None:
            yield _sample("host_memory_bytes", _names(host), memory)
    yield _head("host_bytes", "Kernel memory of a host by dimension; what is not known has no sample.")
    for host in hosts:
        yield "".join(_amounts(host))
    yield _head("host_finding_ratio", "Value of a finding divided by its limit.")
    for host in hosts:
        yield "".join(_findings(host))
    yield "# EOF\n"


def _amounts(host: Host) -> Iterable[str]:
    if host["dimensions"] is None:
        return
    names = _names(host)
    amounts = {name: host["dimensions"].get(f"{name}_bytes") for name in DIMENSIONS}
    amounts |= {"kernel_total": host["kernel_total_bytes"], "kernel_unreclaimable": host["kernel_unreclaimable_bytes"]}
    for dimension in AMOUNTS:
        if amounts[dimension] is not None:
            yield _sample("host_bytes", {**names, "dimension": dimension}, amounts[dimension])


def _findings(host: Host) -> Iterable[str]:
    names, seen = _names(host), set()
    for finding in host["findings"]:
        labels = {field: finding[field] for field in ("dimension", "kind", "severity", "unit")}
        # A series may stand in the file once only; of two findings that differ in nothing of this the first is the
        # worse.
        key = tuple(labels.values())
        if key not in seen and finding["limit"]:
            seen.add(key)
            yield _sample("host_finding_ratio", {**names, **labels}, round(finding["value"] / finding["limit"], 4))


def _names(host: Host) -> dict[str, str]:
    return {"environment": host["environment"], "host": host["name"]}


def _head(name: str, meaning: str) -> str:
    return f"# HELP {PREFIX}{name} {meaning}\n# TYPE {PREFIX}{name} gauge\n"


def _sample(name: str, labels: Mapping[str, str], value: int | float) -> str:
    shown = ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())
    return f"{PREFIX}{name}{'{' + shown + '}' if shown else ''} {value}\n"


def _label(text: str) -> str:
    # Backslashes are doubled before signs become escapes, so that two names never become one series, and once more for
    # the format.
    return visible(text.replace("\\", "\\\\")).replace("\\", "\\\\").replace('"', '\\"')
