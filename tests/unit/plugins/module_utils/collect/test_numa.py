# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NUMA node's kernel memory; the figures are those of the saved samples."""

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.numa import parse_node
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import SAMPLES


# grep -E 'MemTotal|Slab|SecPageTables' sys/devices/system/node/node0/meminfo
@pytest.mark.parametrize(
    "kernel, total, slab, has_secondary",
    [
        ("5.10.0-46-cloud-amd64", 744388, 13208, False),
        ("6.1.0-56-cloud-amd64", 738308, 17940, True),
        ("6.12.118+deb13-cloud-amd64", 732836, 10392, True),
        ("6.18-host", 18048800, 1038940, True),
        ("7.3.4+deb13-cloud-amd64", 727312, 10620, True),
    ],
)
def test_samples(kernel, total, slab, has_secondary):
    with open(os.path.join(SAMPLES, kernel, "sys/devices/system/node/node0/meminfo"), "rb") as file:
        node = parse_node(file.read())
    assert (node["MemTotal"], node["Slab"]) == (total, slab)
    assert ("SecPageTables" in node) is has_secondary
    assert node["SReclaimable"] + node["SUnreclaim"] == slab
    assert set(node) - {"SecPageTables"} == {
        "MemTotal",
        "MemFree",
        "KernelStack",
        "PageTables",
        "Slab",
        "SReclaimable",
        "SUnreclaim",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Node 0 Slab: 12",
        b"Node 0 Slab: 12 kB",
        b"Node 0 Slab: x kB\n",
        b"Node 0 Slab: -1 kB\n",
        b"Node 0 Slab: 12 MB\n",
        b"Slab: 12 kB\n",
        b"Node 0 Slab 12 kB\n",
        b"Node 0 HugePages_Total: 12 kB\n",
        b"Node 0 Slab: " + b"9" * 19 + b" kB\n",
    ],
)
def test_what_is_not_certain_is_not_there(data):
    assert parse_node(data) == {}
