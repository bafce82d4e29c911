# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator may do where the questions are not enough, with the exact command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.next_steps import next_steps
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    MIB,
    SETTINGS,
    Plain,
    asked,
    look,
    packet_rings,
    process,
    ramp,
    traced,
    watch,
)


def steps(*answers: Plain, **changed: object) -> list[tuple[str, str]]:
    """Sentences and commands."""
    told = asked(*answers, settings=replace(SETTINGS, **changed))
    return [(step.sentence, step.command) for step in next_steps(told.answer, "web 1", told.not_traced)]


def commands(*answers: Plain, **changed: object) -> str:
    """All commands."""
    return "\n".join(command for _sentence, command in steps(*answers, **changed))


def test_where_nothing_grows_a_longer_look_is_offered() -> None:
    """The name of the host is quoted, since somebody copies the line into a shell."""
    [(sentence, command)] = steps(watch())
    assert "less than 15 KiB a second does not show in 4 seconds" in sentence
    assert command == (
        "ansible-playbook fleetaudit.kernel_memory.investigate --limit 'web 1' "
        "-e kernel_mem_audit_investigate_window=60"
    )


def test_an_answer_leads_to_its_unit_or_its_process() -> None:
    """Before anything is restarted, somebody looks."""
    assert commands(*packet_rings(), trace=True) == "systemctl status capture.service"
    grows = watch({"page_tables": {"7 db": MIB}}, PageTables=ramp(MIB))
    told = look(processes={7: process("db", 7, unit="4f3a")})
    assert commands(grows, told) == "ls -l /proc/7/exe /proc/7/fd | head -50"


@pytest.mark.parametrize(
    ("user", "tracing", "expected", "not_expected"),
    [
        (0, "6.18", "-e kernel_mem_audit_trace=true", "--become"),
        (1000, "6.18", "--become", "-e kernel_mem_audit_trace=true"),
        (0, None, "mount -t tracefs nodev /sys/kernel/tracing", "--become"),
    ],
)
def test_what_root_or_a_trace_would_add_is_said(
    user: int, tracing: str | None, expected: str, not_expected: str
) -> None:
    """The easiest first: rights, then the trace, then what must be mounted."""
    watched = watch({}, unaccounted=ramp(3 * MIB))
    watched["machine"]["user"] = user
    found = commands(watched, look(tracing=tracing))
    assert expected in found and not_expected not in found


def test_what_a_boot_would_add_is_said_with_its_cost() -> None:
    """By what grows: the owner of objects, or of pages."""
    slab = commands(
        watch({"cache": {"kmalloc-2k": MIB}}, SUnreclaim=ramp(MIB, 200 * MIB)), look(caches={"kmalloc-2k": {}})
    )
    assert "slub_debug=U,kmalloc-2k" in slab and "page_owner" not in slab
    pages = commands(watch({}, unaccounted=ramp(3 * MIB)))
    assert "page_owner=on" in pages and "slub_debug" not in pages
    assert "kernel_mem_audit_investigate_bundle=true" in pages


def test_profiling_that_is_off_can_be_switched_on() -> None:
    """Without a boot."""
    assert "sysctl vm.mem_profiling=1" in commands(watch({}, unaccounted=ramp(MIB)), look(profiling="0"))


def test_a_refused_trace_says_what_would_allow_it() -> None:
    """A busy host is asked again, or more load is allowed."""
    told = traced(refused=["load", 5.0, 2.0])
    found = commands(watch({}, unaccounted=ramp(3 * MIB)), look(), told, trace=True)
    assert "kernel_mem_audit_trace_load=4" in found
