# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are investigated: those of a play, or the worst of an audit with healthy ones of the same kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..model.finding import SEVERITIES
from ..words.labels import hosts_phrase, some_names
from .audited import Audited, AuditedFinding, AuditedHost, kernel_of
from .settings import DIMENSIONS

SICK, HEALTHY, ASKED = "sick", "healthy", "asked"
ROLES = (SICK, HEALTHY, ASKED)
MOST_DIMENSIONS = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """A host to investigate: why, and the dimensions that its findings are about."""

    name: str
    role: str
    dimensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The hosts, and sentences on those that were left out."""

    hosts: tuple[Chosen, ...]
    notes: tuple[str, ...]


def of_the_play(targets: Sequence[str], most: int) -> Choice:
    """Return all hosts of the play. Raises :class:`ValueError` where they are more than *most*: an investigation is for
    a handful.
    """
    if not targets:
        raise ValueError("No host of the inventory matches the pattern and the limit, so there is nothing to look at.")
    if len(targets) > most:
        raise ValueError(
            f"The pattern and the limit match {hosts_phrase(len(targets))}, and an investigation takes {most} at most; "
            "name some with --limit, give an audit in kernel_mem_audit_from, or raise "
            "kernel_mem_audit_investigate_hosts."
        )
    return Choice(tuple(Chosen(name, ASKED, ()) for name in targets), ())


def of_an_audit(audit: Audited, targets: Sequence[str], most: int, healthy: int) -> Choice:
    """Return the worst hosts of an audit, *most* at most, and *healthy* hosts of the same kernels.

    Raises :class:`ValueError` where the audit has no host of *targets* with a finding.
    """
    inventory = set(targets)
    sick = sorted((host for host in audit["hosts"] if _findings(host)), key=_badness)
    here = [host for host in sick if host["name"] in inventory]
    absent = [str(host["name"]) for host in sick if host["name"] not in inventory]
    if not here:
        why = f"; {some_names(absent, 3)} are not hosts of this play" if absent else ""
        raise ValueError(f"The audit {audit['run_id']} has no host with a warning or a critical finding here{why}.")
    worst = here[:most]
    notes = []
    if len(here) > most:
        notes.append(
            f"{hosts_phrase(len(here))} have findings; the worst {most} are investigated "
            "(kernel_mem_audit_investigate_hosts)."
        )
    if absent:
        notes.append(f"{hosts_phrase(len(absent))} with findings are not hosts of this play: {some_names(absent, 3)}.")
    chosen = [Chosen(str(host["name"]), SICK, _dimensions(host)) for host in worst]
    well = _healthy(audit["hosts"], worst, inventory, healthy)
    return Choice((*chosen, *well), tuple(notes))


def _findings(host: AuditedHost) -> list[AuditedFinding]:
    return [finding for finding in host["findings"] if finding["severity"] in ("critical", "warning")]


def _badness(host: AuditedHost) -> tuple[int, float, str]:
    """The worst severity first, then what is most above its limit."""
    found = _findings(host)
    worst = min(SEVERITIES.index(finding["severity"]) for finding in found)
    ratios = [finding["value"] / finding["limit"] for finding in found if finding["limit"]]
    return worst, -max(ratios, default=0.0), str(host["name"])


def _dimensions(host: AuditedHost) -> tuple[str, ...]:
    ordered = sorted(_findings(host), key=lambda finding: SEVERITIES.index(finding["severity"]))
    known = [str(finding["dimension"]) for finding in ordered if finding["dimension"] in DIMENSIONS]
    return tuple(dict.fromkeys(known))[:MOST_DIMENSIONS]


def _healthy(
    hosts: Sequence[AuditedHost], worst: Sequence[AuditedHost], inventory: set[str], most: int
) -> list[Chosen]:
    """Return healthy hosts of the kernels of the worst ones, those with most groups in common first."""
    kernels = {kernel_of(host) for host in worst} - {None}
    groups = {group for host in worst for group in host["groups"]}
    well = [
        host
        for host in hosts
        if host["verdict"] == "ok" and kernel_of(host) in kernels and host["name"] in inventory and not host["findings"]
    ]
    well.sort(key=lambda host: (-len(groups & set(host["groups"])), str(host["name"])))
    return [Chosen(str(host["name"]), HEALTHY, ()) for host in well[:most]]
