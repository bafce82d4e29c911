# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that name themselves, whose they are and how much that makes."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.floors import floors
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.growth import what_grows
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.looked import looked
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.named import (
    Candidate,
    candidates,
    stack_bytes,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.watched import watched
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    MIB,
    answer,
    flat,
    look,
    process,
    ramp,
    watch,
)


def test_many_processes_of_one_command_are_named_with_who_started_them() -> None:
    """No single process grows."""
    watched = watch(
        {"command_processes": {"worker": 4.0}, "command_page_tables": {"worker": 2 * MIB}},
        PageTables=ramp(2 * MIB, 30 * MIB),
    )
    watched["growing"]["threads"] = [["77 worker", [0, 0, 1, 1, 1]]]
    found = answer(watched, look(processes={77: process("worker", 77, parent=70, parent_command="pool")}))
    assert answer_text(found).startswith("More and more processes `worker` (`capture.service`, started by `pool`)")


def test_keys_name_a_user_and_no_process_so_a_trace_is_worth_it() -> None:
    """The kernel's quota of keys is by user."""
    found = answer(watch({"keys": {"1000": MIB}}, SUnreclaim=ramp(1.2 * MIB, 200 * MIB)))
    assert found.culprits[0].what == "keys of user 1000"
    assert not found.is_answered
    # No cache is seen to grow, so it must be what is larger than any cache.
    assert [plan.steps[0].filters for plan in found.trace_plans()] == [("(bytes_alloc > 8192)",)]


def test_allocation_profiling_names_the_function() -> None:
    """Where the kernel has it, nothing needs to be traced to know the place; the process it does not tell."""
    name = "drivers/net/foo.c:77 [foo] func:foo_rx_refill"
    found = answer(watch({"site": {name: 3 * MIB}}, unaccounted=ramp(3 * MIB)))
    assert answer_text(found) == (
        "`foo_rx_refill [foo]`: 3 MiB a second, 100 % of what grows in no counter (allocation profiling, "
        "drivers/net/foo.c:77)"
    )


def told(watched_: dict[str, object], looked_: dict[str, object] | None = None) -> list[Candidate]:
    """What names itself by the answers of a host."""
    seen = watched(watched_)
    return list(candidates(seen, what_grows(seen, floors(0.0, False)), looked(looked_ or look())))


def test_a_stack_is_as_large_as_this_kernel_makes_it() -> None:
    """16 KiB on most, 32 with a sanitizer; worked out, not assumed."""
    seen = watched(watch({}, KernelStack=flat(512 * 16384)))
    assert stack_bytes(seen) == 16384
    assert stack_bytes(watched(watch({}, KernelStack=flat(512 * 33000)))) == 32768
    assert stack_bytes(watched(watch({}, KernelStack=flat(0)))) == 16384


def test_bytes_that_wait_in_pipes_are_their_size() -> None:
    """113 pipes with 64 KiB each, of which one more comes each second."""
    [found] = told(
        watch({"descriptors": {"7 db": 2.0}}),
        look(descriptors={7: {"pipe": {"count": 100, "waiting_bytes": 100 << 16}, "file": {"count": 3}}}),
    )
    assert (found.what, found.bytes_per_second) == ("descriptors of the kind pipe", float(2 << 16))
    assert found.detail == "100 of its 103 newest descriptors, 6,553,600 bytes waiting in them"


def test_descriptors_of_many_kinds_are_just_descriptors() -> None:
    """A kind that is less than half says nothing."""
    kinds = {kind: {"count": 10} for kind in ("pipe", "eventfd", "file")}
    [found] = told(watch({"descriptors": {"7 db": 2.0}}), look(descriptors={7: kinds}))
    assert (found.what, found.bytes_per_second, found.detail) == ("descriptors", None, None)
    assert found.process is not None and found.process.command == "db"


def test_a_message_is_its_last_senders() -> None:
    """By its number; a sender that has ended is still told."""
    [found] = told(watch({"messages": {"1000 77": 9000.0}}), look(processes={77: process("mq", 77)}))
    assert found.process is not None and found.process.command == "mq"
    assert found.what == "System V messages of user 1000, which nobody receives"
    [gone] = told(watch({"messages": {"1000 77": 9000.0}}))
    assert gone.process is None and gone.detail == "last sent by process 77"


def test_a_queue_is_of_the_process_whose_sockets_grew() -> None:
    """The kernel tells the user; the sockets tell the process."""
    grown = {"queues": {"tcp 1000": 9000.0}, "queue": {"tcp 5": 6000.0, "tcp 6": 3000.0, "udp 7": 9e6}}
    [found] = told(watch(grown), look(sockets={"5": 77, "6": 78, "7": 79}, processes={77: process("web", 77)}))
    assert found.process is not None and found.process.command == "web"
    [netlink] = told(watch({"queues": {"netlink *": 9000.0}}))
    assert netlink.what == "netlink queues, which nobody receives"


def test_children_that_nobody_waits_for_are_their_parents() -> None:
    """And what has no table here is named all the same: by what the kernel calls it."""
    found = told(
        watch({"zombies": {"77": 4.0}, "zram": {"zram0": 9 * MIB}, "count": {"things of tomorrow": 9.0}}),
        look(processes={77: process("init", 77)}),
    )
    assert [(one.what, one.process and one.process.command) for one in found] == [
        ("ended children that it does not wait for", "init"),
        ("compressed pages of zram0", None),
        ("things of tomorrow", None),
    ]
