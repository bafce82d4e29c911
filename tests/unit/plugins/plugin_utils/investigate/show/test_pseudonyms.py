# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that say nothing in place of names that say something."""

from __future__ import annotations

import copy

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.pseudonyms import Pseudonyms
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import look, packet_rings, readings, watch


def test_the_same_name_has_the_same_pseudonym_and_can_be_found_again() -> None:
    """By whoever keeps the list; the numbers follow the order in which names came."""
    names = Pseudonyms()
    assert [names.host(name) for name in ("a", "b", "a")] == ["host-1", "host-2", "host-1"]
    assert names.command("db") == "process-1"
    assert names.meant() == {"host": {"host-1": "a", "host-2": "b"}, "process": {"process-1": "db"}}


def test_threads_of_the_kernel_keep_their_names() -> None:
    """The kernel gave them, and a vendor needs them."""
    names = Pseudonyms()
    assert (names.command("[kworker]"), names.command("interrupt")) == ("[kworker]", "interrupt")


def test_every_kind_of_name_in_the_readings_is_replaced() -> None:
    """Processes, commands, groups by their parts, devices, units; and what tells which boot it was."""
    watched = watch(
        {
            "threads": {"7 db": 1.0},
            "command_threads": {"db": 1.0},
            "group": {"/app.slice/db.service": 1.0},
            "cache": {"kmalloc-2k": 1.0},
        }
    )
    told = readings(watched, look(descriptors={7: {"device /dev/secret0": {"count": 3}}}), packet_rings()[2])
    before = copy.deepcopy(told)
    found = Pseudonyms().readings(told)
    assert told == before
    growing = {kind: rows[0][0] for kind, rows in found["watch"]["growing"].items()}
    assert growing == {
        "threads": "7 process-1",
        "command_threads": "process-1",
        "group": "/group-1/group-2",
        "cache": "kmalloc-2k",
    }
    assert found["watch"]["machine"]["boot_id"] is None
    assert list(found["look"]["descriptors"]["7"]["kinds"]) == ["device device-1"]
    first = found["trace"]["traces"][0]["result"]["sites"][0]["who"]["processes"][0]
    assert first["command"].startswith("process-") and first["unit"].startswith("unit-") and first["pid"] == 4242
    assert "tcpdump" not in str(found) and "capture" not in str(found)
