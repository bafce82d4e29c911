# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules from outside of the kernel's sources have names, and the same set of modules one fingerprint."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.modules import modules_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import case


def test_modules_from_outside_are_named_with_their_flags():
    given = {
        "count": 92,
        "fingerprint": 700217465346,
        "outside": [["mmfs26", "(POE)", "3014656"], ["jool", "(OE+)", "x"]],
    }
    assert modules_of({"modules": given}) == {
        "count": 92,
        "fingerprint": "0a308369a02",
        "outside": [
            {"name": "mmfs26", "flags": "POE", "bytes": 3014656},
            {"name": "jool", "flags": "OE", "bytes": None},
        ],
    }


@pytest.mark.parametrize(
    "given", [None, {}, [], 7, {"count": -1, "fingerprint": 5}, {"count": 5, "fingerprint": "x", "outside": {}}]
)
def test_what_was_not_read_is_null_and_no_empty_list_of_modules(given):
    found = modules_of({"modules": given})
    assert found["fingerprint"] is None and found["outside"] == []


def test_what_is_told_of_modules_from_outside_is_bounded():
    """A hostile host can't fill the audit: twenty modules, 64 characters of a name, 16 flags."""
    rows = [[f"m{number}" + "x" * 99, "(" + "O" * 99 + ")", "1"] for number in range(50)]
    outside = modules_of({"modules": {"count": 50, "fingerprint": 1, "outside": rows}})["outside"]
    assert len(outside) == 20
    assert {(len(row["name"]), row["flags"]) for row in outside} == {(64, "O" * 16)}


@pytest.mark.parametrize("row", [None, [], ["a", "(O)"], ["a", 5, "1"], ["", "(O)", "1"], ["a", "()", "1"], "abc"])
def test_a_strange_row_is_left_out(row):
    assert modules_of({"modules": {"count": 1, "fingerprint": 1, "outside": [row]}})["outside"] == []


def test_a_node_of_a_cluster_file_system_names_its_modules():
    """They are suspects before the network driver is."""
    names = [row["name"] for row in modules_of(case("cluster-file-system-node"))["outside"]]
    assert {"mmfs26", "mmfslinux", "tracedev", "mlx5_core"} <= set(names)
