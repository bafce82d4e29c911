# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a finding means, and what would be usual on such a machine. docs/dimensions.md shows all of it."""

from __future__ import annotations

from ..checks.table import CHECKS
from ..dimensions.table import RULES
from ..model.facts import Platform
from ..model.finding import Finding

MACHINES = {
    "physical": "physical servers",
    "vm": "virtual machines",
    "container_host": "container hosts",
    "kubernetes_node": "Kubernetes nodes",
}
"""The kinds of machines that differ in what is usual, and what people call them."""

_ABOUT_A_SIZE = ("limit", "disproportion")
"""Kinds of findings that ask what is usual elsewhere; the others compare a host with itself."""


def machine_of(platform: Platform) -> str | None:
    """Return which of :data:`MACHINES` a host is; None where that is not known."""
    if platform.kubernetes_node:
        return "kubernetes_node"
    if platform.container_host:
        return "container_host"
    return platform.kind if platform.kind in MACHINES else None


def meaning(finding: Finding, platform: Platform) -> str:
    """Return what a finding means on such a machine, in a sentence; where it is about a size, one more says what is
    usual there.
    """
    if finding.dimension in CHECKS:
        return CHECKS[finding.dimension].meaning
    rules, machine = RULES[finding.dimension], machine_of(platform)
    means = rules.meanings.of(finding.kind)
    if machine is None or finding.kind not in _ABOUT_A_SIZE:
        return means
    usual = rules.usual.on(machine)
    return f"{means} Usual on {MACHINES[machine]}: {usual[0].lower()}{usual[1:]}"
