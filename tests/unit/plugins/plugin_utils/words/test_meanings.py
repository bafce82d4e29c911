# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a finding means on a kind of machine."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED, RULES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Platform
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import KINDS_OF_FINDING, Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.meanings import (
    MACHINES,
    machine_of,
    meaning,
)

SERVER = Platform("physical", True, None, False, False, ())
NODE = Platform("vm", True, None, True, True, ())
UNKNOWN = Platform("unknown", True, None, None, None, ())


def finding(dimension: str, kind: str) -> Finding:
    """A finding of which only the dimension and the kind matter."""
    return Finding(dimension, kind, "warning", "current", 2, 1, "bytes", "", "It is high.", "Look.", "true")


@pytest.mark.parametrize("kind", KINDS_OF_FINDING)
@pytest.mark.parametrize("dimension", LIMITED)
def test_every_finding_has_a_meaning_on_every_machine(dimension: str, kind: str) -> None:
    """One sentence; what is usual is said where a finding is about a size, and only of a kind of machine that is
    known.
    """
    means = RULES[dimension].meanings.of(kind)
    assert meaning(finding(dimension, kind), UNKNOWN) == means
    for platform in (SERVER, NODE):
        told = meaning(finding(dimension, kind), platform)
        assert told.startswith(means)
        assert (" Usual on " in told) == (kind in ("limit", "disproportion"))


def test_what_is_usual_is_that_of_the_machine() -> None:
    """The same amount is much on a virtual machine and usual on a node with many pods."""
    told = meaning(finding("vmalloc", "limit"), NODE)
    assert told == (
        "Few things take so much: large eBPF maps, packet filter tables, or one driver. Usual on Kubernetes nodes: "
        "1 to 3 % of RAM where the network runs on eBPF, less with iptables."
    )
    assert "Usual on physical servers: up to 10 % of RAM, on file" in meaning(
        finding("slab_reclaimable", "limit"), SERVER
    )


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_means_what_it_says_itself(check: str) -> None:
    """Checks are of one kind, and look at no size."""
    assert meaning(finding(check, "limit"), NODE) == CHECKS[check].meaning


@pytest.mark.parametrize(
    ("kind", "container_host", "kubernetes_node", "expected"),
    [
        ("physical", False, False, "physical"),
        ("vm", False, False, "vm"),
        ("vm", None, None, "vm"),
        ("unknown", None, None, None),
        ("unknown", True, False, "container_host"),
        ("vm", True, False, "container_host"),
        ("physical", True, True, "kubernetes_node"),
    ],
)
def test_a_host_is_one_of_the_machines(
    kind: str, container_host: bool | None, kubernetes_node: bool | None, expected: str | None
) -> None:
    """What is not known is no machine, rather than a physical one."""
    assert machine_of(Platform(kind, True, None, container_host, kubernetes_node, ())) == expected
    assert expected is None or expected in MACHINES
