# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process in a process namespace of its own sees its host's counters: it is a container, and its host is to be
audited instead.
"""

from __future__ import annotations

import os
import signal
from typing import Any, cast

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.tests.privileges.children import (
    enter_process_namespace,
    reading_after,
)
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import result_after


@pytest.mark.parametrize("own_proc", [True, False], ids=["own-proc", "proc-of-the-host"])
def test_a_process_namespace_is_a_container(own_proc: bool) -> None:
    """It is recognised with evidence, says why it can't be audited, and its figures, which are the host's own, are
    still given.
    """
    reading = reading_after(lambda: enter_process_namespace(own_users=True, own_proc=own_proc))
    facts = build_facts(reading)
    platform = facts["platform"]
    assert (platform["kind"], platform["auditable"]) == ("container", False)
    assert "Audit the host that runs it instead." in platform["reason"]
    link = reading["links"]["proc/self/ns/pid"]
    assert link != read()["links"]["proc/self/ns/pid"]
    assert f"the process namespace {link} is not the kernel's first" in platform["evidence"]
    assert facts["host"]["boot_id"] == build_facts(read())["host"]["boot_id"], (
        "its host must be recognisable as the same kernel"
    )
    assert facts["kernel_total_bytes"] > 0


def reading_with_a_second_process() -> dict[str, Any]:
    """The reading of a first process while its only child is alive."""
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        return cast("dict[str, Any]", read())
    finally:
        os.kill(child, signal.SIGKILL)


def test_without_the_link_the_second_process_tells() -> None:
    """Where the namespace's name can't be read, process 2 is not the kernel's kthreadd, and that is evidence enough."""
    reading = result_after(
        lambda: enter_process_namespace(own_users=True, own_proc=True), reading_with_a_second_process
    )
    del reading["links"]["proc/self/ns/pid"]
    platform = build_facts(reading)["platform"]
    assert (platform["kind"], platform["auditable"]) == ("container", False)
    assert any("not kthreadd" in evidence for evidence in platform["evidence"])
