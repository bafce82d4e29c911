# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever runs these tests: the account of this machine is made, and agrees with what the kernel says elsewhere."""

from __future__ import annotations

import os

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read


def test_the_account_is_made_with_the_privileges_there_are() -> None:
    """Nothing of the account itself needs root."""
    facts = build_facts(read())
    assert facts["kernel_total_bytes"] == sum(
        size or 0 for name, size in facts["dimensions"].items() if name != "unaccounted_bytes"
    )
    missing = {name for name, size in facts["dimensions"].items() if size is None}
    assert missing <= {f"{name}_bytes" for name in facts["unavailable"]}
    assert facts["host"]["page_size_bytes"] == os.sysconf("SC_PAGE_SIZE")
    assert facts["host"]["cpus_online"] == os.sysconf("SC_NPROCESSORS_ONLN")
    assert facts["host"]["architecture"] == os.uname().machine


def test_first_process_namespace_is_no_container() -> None:
    """Process 2 is kthreadd in the kernel's first namespace only; where it is, the host must not be taken for a
    container.
    """
    try:
        with open("/proc/2/comm") as handle:
            first = handle.read() == "kthreadd\n"
    except OSError:
        # A container, or a /proc with hidepid, where only the link tells.
        first = os.readlink("/proc/self/ns/pid") == "pid:[4026531836]"
    platform = build_facts(read())["platform"]
    assert (platform["kind"] != "container") == first, platform
    assert platform["auditable"] == first
    assert ("the process namespace is the kernel's first" in platform["evidence"]) == first
