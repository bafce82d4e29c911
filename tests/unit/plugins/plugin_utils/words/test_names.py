# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts where there is little space."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.names import cut_middle, shared_ending


def test_names_are_cut_in_the_middle_since_machines_differ_at_both_ends() -> None:
    """Two that differ at the end alone must not look alike."""
    one, other = ("rack7-compute-node-in-the-far-corner-0017", "rack7-compute-node-in-the-far-corner-0018")
    assert cut_middle(one, 26) != cut_middle(other, 26) and len(cut_middle(one, 26)) == 26
    assert (
        cut_middle(one, 26).startswith("rack7-")
        and cut_middle(one, 26).endswith("0017")
        and cut_middle("db-1", 26) == "db-1"
    )


def test_an_ending_is_what_all_names_share_from_a_dot_on() -> None:
    """None is left without a name of its own."""
    assert shared_ending(["a.x.net", "b.x.net", "c.x.net"]) == ".x.net"
    assert shared_ending(["a.x.net", "b.x.net", ".x.net"]) in ("", ".net") and shared_ending(["a.x.net"]) == ""
