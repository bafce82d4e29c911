# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reclaimable slab explains of the growth of unreclaimable slab."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.follows import explained_by
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.growth.hosts_in_lines import (
    mib,
    question_of,
    timeline_of,
)

RESTLESS = [1000 + 100 * place + 60 * (place % 3) for place in range(20)]


def test_what_moves_with_the_caches_is_theirs() -> None:
    """A fifth of every step of the cache."""
    timeline = timeline_of(mib(*(100 + one / 5 for one in RESTLESS)), slab_reclaimable=mib(*RESTLESS))
    explained = explained_by(timeline, question_of(timeline), 0, range(20))
    assert abs(explained - (RESTLESS[18] - RESTLESS[1]) / 5 * 1024) < 5 * 1024


def test_what_moves_by_itself_is_its_own() -> None:
    """A line beside a cache that goes up and down; a cache that was not measured; a few samples."""
    own = mib(*(100 + 10 * place for place in range(20)))
    waves = timeline_of(own, slab_reclaimable=mib(*(1000 + 300 * (place % 2) for place in range(20))))
    assert explained_by(waves, question_of(waves), 0, range(20)) < 30 * 1024
    missing = timeline_of(own, slab_reclaimable=mib(*[None] * 20))
    assert explained_by(missing, question_of(missing), 0, range(20)) == 0
    few = timeline_of(own[:6], slab_reclaimable=mib(*RESTLESS[:6]))
    assert explained_by(few, question_of(few), 0, range(6)) == 0
