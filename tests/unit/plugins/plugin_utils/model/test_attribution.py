# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses the memory, as rules and the audit ask it."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.attribution import attribution_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution import (
    OF_HEALTHY_HOSTS,
    PARTS,
    Attribution,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution_parts import NumaNodes
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import attribution

WHOLE = attribution_of(attribution())


def test_a_part_that_nobody_asked_for_is_not_there() -> None:
    """Neither as a part nor with a reason."""
    assert Attribution().parts() == {} and Attribution().part("slab_caches") is None
    assert Attribution().why_without("slab_caches") is None
    refused = NumaNodes(False, "It may not be read.", 3, False)
    assert Attribution(numa_nodes=refused).why_without("numa_nodes") == "It may not be read."
    assert list(WHOLE.parts()) == [name for name in PARTS if WHOLE.part(name) is not None]


def test_the_audit_keeps_little_of_a_healthy_host() -> None:
    """And everything of one that is not, or of which nothing is known for sure."""
    assert set(WHOLE.kept("ok").parts()) == set(OF_HEALTHY_HOSTS)
    for verdict in ("warning", "critical", "unknown"):
        assert WHOLE.kept(verdict) == WHOLE
