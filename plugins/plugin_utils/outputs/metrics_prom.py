# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""metrics.prom: gauges for Prometheus, written for the textfile collector of node_exporter; valid OpenMetrics, too.

No sample has a timestamp (the collector refuses them); when the audit was made is a gauge of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..audit.audit import Audit
from ..audit.entry import Entry
from ..audit.summary import DECISIONS
from ..dimensions.table import DIMENSIONS, TOTAL
from ..model.finding import VERDICTS
from ..model.times import seconds_of
from ..text.safe import visible

PREFIX = "kernel_memory_audit_"


def pieces(audit: Audit) -> Iterator[str]:
    """Yield the text of metrics.prom. All samples of a family stand together, as the format demands."""
    hosts = audit.hosts
    yield _head("info", "What was audited by what.")
    yield _sample("info", {"run_id": audit.run_id, "version": audit.tool.version, "policy": audit.policy.name}, 1)
    yield _head("generated_timestamp_seconds", "When the audit was made, in seconds since 1970.")
    yield _sample("generated_timestamp_seconds", {}, seconds_of(audit.generated_at))
    yield _head("decision", "1 for the decision of the audit, 0 for the others.")
    for decision in DECISIONS:
        yield _sample("decision", {"decision": decision}, int(audit.decision.decision == decision))
    yield _head("hosts", "Number of hosts by environment and verdict; unknown is no data.")
    for environment, counts in sorted(audit.counts.by_environment.items()):
        for verdict in VERDICTS:
            yield _sample("hosts", {"environment": environment, "verdict": verdict}, counts.of(verdict))
    # A host's labels are made safe once, for all of its samples.
    named = [(_labels({"environment": host.environment, "host": host.name}), host) for host in hosts]
    yield _head("host_verdict", "1 for the verdict of a host.")
    for labels, host in named:
        yield f'{PREFIX}host_verdict{{{labels},verdict="{host.verdict}"}} 1\n'
    yield _head("host_memory_bytes", "RAM of a host.")
    for labels, host in named:
        if host.memory_total_bytes is not None:
            yield f"{PREFIX}host_memory_bytes{{{labels}}} {host.memory_total_bytes}\n"
    yield _head("host_bytes", "Kernel memory of a host by dimension; what is not known has no sample.")
    for labels, host in named:
        yield "".join(_amounts(labels, host))
    yield _head("host_finding_ratio", "Value of a finding divided by its limit.")
    for labels, host in named:
        yield "".join(_findings(labels, host))
    yield "# EOF\n"


def _amounts(labels: str, host: Entry) -> Iterator[str]:
    if host.dimensions is not None:
        amounts = [(name, host.dimensions.get(f"{name}_bytes")) for name in DIMENSIONS]
        totals = [("kernel_total", host.kernel_total_bytes), (TOTAL, host.kernel_unreclaimable_bytes)]
        for dimension, amount in amounts + totals:
            if amount is not None:
                yield f'{PREFIX}host_bytes{{{labels},dimension="{dimension}"}} {amount}\n'


def _findings(labels: str, host: Entry) -> Iterator[str]:
    seen = set()
    for finding in host.findings:
        own = _labels(
            {"dimension": finding.dimension, "kind": finding.kind, "severity": finding.severity, "unit": finding.unit}
        )
        # A series may stand in the file once only; of two findings that differ in nothing of this the first is the
        # worse.
        if own not in seen and finding.limit:
            seen.add(own)
            yield f"{PREFIX}host_finding_ratio{{{labels},{own}}} {round(finding.value / finding.limit, 4)}\n"


def _head(name: str, meaning: str) -> str:
    return f"# HELP {PREFIX}{name} {meaning}\n# TYPE {PREFIX}{name} gauge\n"


def _sample(name: str, labels: Mapping[str, str], value: int | float) -> str:
    shown = _labels(labels)
    return f"{PREFIX}{name}{'{' + shown + '}' if shown else ''} {value}\n"


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{label}="{_label(text)}"' for label, text in labels.items())


def _label(text: str) -> str:
    # Backslashes are doubled before signs become escapes, so that two names never become one series, and once more for
    # the format.
    return visible(text.replace("\\", "\\\\")).replace("\\", "\\\\").replace('"', '\\"')
