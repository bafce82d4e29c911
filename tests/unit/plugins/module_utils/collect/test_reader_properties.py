# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the files of a saved tree hold, the reader gives a reading of ASCII JSON, and facts or a ValueError
follow.
"""

import json
import os
import shutil
import tempfile

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import FILES, KEPT, read

NAMES = [line.lstrip("+").split()[0] for line in FILES.split("\n")] + [
    "proc/cmdline",
    "proc/meminfo",
    "proc/vmstat",
    "proc/zoneinfo",
    "proc/modules",
    "proc/mounts",
    "proc/cpuinfo",
    "proc/sysinfo",
    "proc/spl/kstat/zfs/arcstats",
    "sys/devices/system/cpu/modalias",
    "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
]
CONTENT = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from([b"MemTotal: 9 kB\n", b" count: 5\n", b"nr_free_pages 3\n", b"\n", b"memory 1 2 3\n", b"\xff"])
    ).map(b"".join),
    st.integers(0, 40000).map(lambda size: b"x" * size),
)


@given(st.dictionaries(st.sampled_from(NAMES), CONTENT, max_size=6))
@example({"proc/modules": b"\t\n(OE)\n"})
def test_any_content_of_a_tree(files):
    root = tempfile.mkdtemp()
    try:
        for name, content in files.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        reading = read(os.path.join(root, "proc"), os.path.join(root, "sys"))
    finally:
        shutil.rmtree(root)
    json.dumps(reading, allow_nan=False).encode("ascii")
    assert all(len(text) <= KEPT for text in reading["files"].values())
    assert all(value >= 0 for value in reading["sums"].values())
    try:
        facts = build_facts(reading)
    except ValueError:
        return
    assert facts["host"]["memory_total_bytes"] == 9 * 1024
