# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who it is, worked out from what a host answers: with a trace, without one, and as a plain user sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import ask_all
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    KIB,
    MIB,
    SETTINGS,
    answer,
    asked,
    look,
    packet_rings,
    process,
    ramp,
    site,
    trace,
    traced,
    watch,
)

LEAKER = process("leaker", 4242)


def test_a_healthy_host_has_no_culprit() -> None:
    """Nothing grows, and nobody is named."""
    found = answer(watch())
    assert (found.culprits, found.rates, found.grows) == ((), {}, False)
    assert answer_text(found) == "Nothing grows in 4 windows of 4 seconds"


def test_the_sentence_names_function_process_rate_share_and_losses() -> None:
    """All that somebody needs at three in the morning, in one line."""
    assert answer_text(answer(*packet_rings())) == (
        "`packet_set_ring` < `packet_setsockopt`, called by `tcpdump` (pid 4242, `capture.service`): 0.8 a second, "
        "3.0 MiB a second, 98 % of what grows in no counter while it was traced; by the counters it has more and more "
        "descriptors of the kind socket (packet) (9 of its 9 newest descriptors); 0 events lost"
    )
    assert answer(*packet_rings()).culprits[0].confidence == "high"


def test_without_a_trace_a_number_is_not_certain() -> None:
    """That sockets become more along with what no counter names is no proof: each would have 4 MiB."""
    watched, looked, _trace = packet_rings()
    found = answer(watched, looked)
    assert not found.is_answered
    assert found.culprits[0].confidence == "low"


def test_what_is_measured_and_fits_is_an_answer() -> None:
    """Page tables of one process that are the growth of the dimension."""
    found = answer(
        watch({"page_tables": {"4242 leaker": 2 * MIB}}, PageTables=ramp(2.1 * MIB, 30 * MIB)),
        look(processes={4242: LEAKER}),
    )
    assert found.is_answered
    assert answer_text(found) == (
        "`leaker` (pid 4242, `capture.service`) has more and more page tables: 2 MiB a second, 95 % of what grows in "
        "page tables"
    )


def test_threads_explain_stacks_and_the_vmalloc_memory_that_they_lie_in() -> None:
    """One leak is not two findings."""
    found = answer(
        watch(
            {"threads": {"4242 leaker": 64.0}, "caller": {"dup_task_struct": MIB}},
            KernelStack=ramp(MIB, 8 * MIB),
            VmallocUsed=ramp(MIB, 40 * MIB),
        ),
        look(processes={4242: LEAKER}),
    )
    assert (found.rates, found.follow) == ({"kernel_stack": MIB}, {"vmalloc": "kernel_stack"})
    assert found.culprits[0].what == "threads" and found.is_answered


def test_per_cpu_memory_is_not_vmalloc_memory_as_well() -> None:
    """Its chunks lie in vmalloc memory and are counted in both."""
    found = answer(watch({}, Percpu=ramp(MIB), VmallocUsed=ramp(1.1 * MIB)))
    assert (set(found.rates), found.follow) == ({"percpu"}, {"vmalloc": "percpu"})


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


def test_a_trace_and_an_object_of_the_same_process_are_one_culprit() -> None:
    """The function from the one, the object from the other."""
    found = answer(
        watch({"keys": {"0": MIB}, "cache": {"kmalloc-4k": 1.1 * MIB}}, SUnreclaim=ramp(1.2 * MIB, 200 * MIB)),
        look(caches={"kmalloc-4k": {"object_bytes": 4096}}),
        traced(trace("slab_unreclaimable", [site(["user_preparse"], 2.2 * MIB, [(LEAKER, 2.2 * MIB)])])),
    )
    first = found.culprits[0]
    assert (first.stack, first.what, first.confidence) == (("user_preparse",), "keys of user 0", "high")
    assert first.process is not None and first.process.pid == 4242


def test_one_leak_of_several_objects_is_its_common_function() -> None:
    """A mount is a superblock, an inode and more; none of them alone is most of it."""
    sites = [site([name, "get_tree"], MIB, [(LEAKER, MIB)]) for name in ("alloc_super", "alloc_inode", "alloc_vfsmnt")]
    found = answer(
        watch({"cache": {"kmalloc-2k": MIB}}, SUnreclaim=ramp(1.5 * MIB, 200 * MIB)),
        look(caches={"kmalloc-2k": {}}),
        traced(trace("slab_unreclaimable", sites, functions=[("get_tree", 3 * MIB), ("path_mount", 3 * MIB)])),
    )
    first = found.culprits[0]
    assert first.stack == ("get_tree", "path_mount")
    assert first.detail == "of that alloc_super 33 %, alloc_inode 33 %, alloc_vfsmnt 33 %"
    assert first.confidence == "high"


def test_functions_with_nothing_in_common_leave_the_process() -> None:
    """One process allocates in many places: it is named, and no function is."""
    sites = [site([name], MIB, [(LEAKER, MIB)]) for name in ("a", "b", "c")]
    found = answer(
        watch({"cache": {"kmalloc-2k": MIB}}, SUnreclaim=ramp(1.5 * MIB, 200 * MIB)),
        look(caches={"kmalloc-2k": {}}),
        traced(trace("slab_unreclaimable", sites)),
    )
    first = found.culprits[0]
    assert (first.stack, first.process and first.process.pid) == ((), 4242)


@pytest.mark.parametrize(
    ("share", "process_share", "lost", "rate", "confidence"),
    [
        (0.95, 0.95, 0, 1.5 * MIB, "high"),
        (0.95, 0.95, 5000, 1.5 * MIB, "medium"),  # more than 5 % of the events are lost
        (0.95, 0.6, 0, 1.5 * MIB, "medium"),  # several processes, but the rate fits
        (0.6, 0.95, 0, 1.5 * MIB, "medium"),
        (0.95, 0.95, 0, 40 * MIB, "medium"),  # clear, but the counters show something else
        (0.6, 0.6, 0, 40 * MIB, "low"),
        (0.4, 0.95, 0, 1.5 * MIB, None),
    ],
)
def test_confidence(share: float, process_share: float, lost: int, rate: float, confidence: str | None) -> None:
    """As measured: nearly all of it, one process, few lost events, and the rate that the counters show."""
    other = process("other", 9)
    sites = [
        site(
            ["leak"],
            share * 3 * MIB,
            [(LEAKER, process_share * share * 3 * MIB), (other, (1 - process_share) * share * 3 * MIB)],
        ),
        site(["noise"], (1 - share) * 3 * MIB, [(other, (1 - share) * 3 * MIB)]),
    ]
    found = answer(
        watch({"cache": {"kmalloc-2k": rate}}, SUnreclaim=ramp(rate, 200 * MIB)),
        look(caches={"kmalloc-2k": {}}),
        traced(trace("slab_unreclaimable", sites, lost=lost)),
    )
    named = [one.confidence for one in found.culprits if one.source == "trace"]
    assert named == ([confidence] if confidence else [])


def test_what_does_not_grow_is_never_certain() -> None:
    """A finding may be about a dimension that rests just now; something always allocates."""
    settings = replace(SETTINGS, dimensions=("page_tables",))
    told = traced(trace("page_tables", [site(["pte_alloc_one"], 3 * MIB, [(LEAKER, 3 * MIB)])]))
    assert answer(watch(), look(), told, settings=settings).culprits[0].confidence == "medium"
    half = traced(
        trace(
            "page_tables",
            [site(["pte_alloc_one"], 2 * MIB, [(LEAKER, MIB), (process("cc1", 5), MIB)]), site(["x"], MIB, [])],
        )
    )
    assert answer(watch(), look(), half, settings=settings).culprits == ()


def test_an_interrupt_names_no_process() -> None:
    """Memory of packets that come in is nobody's of those that happen to run."""
    told = traced(
        trace("unaccounted", [site(["page_pool_alloc"], 6 * MIB, [(process("interrupt", 0, unit=None), 6 * MIB)])])
    )
    found = answer(watch({}, unaccounted=ramp(3 * MIB)), look(), told)
    assert (found.culprits[0].process, found.culprits[0].stack) == (None, ("page_pool_alloc",))
    assert not found.is_answered


def test_only_reclaimable_slab_is_said_to_be_no_leak() -> None:
    """The kernel takes it back."""
    found = answer(
        watch({"cache": {"dentry": MIB}}, SReclaimable=ramp(MIB, 400 * MIB)),
        look(caches={"dentry": {"reclaimable": True}}),
    )
    assert answer_text(found).startswith(
        "Only reclaimable slab grows, which the kernel takes back when memory is short."
    )


def test_reclaimable_caches_below_the_floor_are_nothing() -> None:
    """Dentries come and go on every healthy host."""
    assert not answer(watch({"cache": {"dentry": 60 * KIB}}), look(caches={"dentry": {"reclaimable": True}})).grows


def test_a_slow_leak_is_seen_in_its_cache() -> None:
    """Below the floor of a dimension, caches are asked all the same."""
    found = answer(watch({"cache": {"kmalloc-2k": 15 * KIB}}), look(caches={"kmalloc-2k": {"aliases": ["biovec-max"]}}))
    assert answer_text(found) == (
        "Only a place is known: Slab cache kmalloc-2k: 15 KiB a second, 100 % of what grows in unreclaimable slab "
        "(also called biovec-max)"
    )
    assert [plan.dimension for plan in found.trace_plans()] == ["slab_unreclaimable"]


def test_on_a_busy_host_a_cache_alone_is_nothing() -> None:
    """Inodes, and what follows them, grow for a while on every host that works with files."""
    busy = replace(SETTINGS, busy=True)
    grows = {"lsm_inode_cache": {"reclaimable": False}}
    found = answer(watch({"cache": {"lsm_inode_cache": 72 * KIB}}), look(caches=grows), settings=busy)
    assert answer_text(found) == "Nothing grows in 4 windows of 4 seconds, but for what is too little to name"
    assert answer(watch({"cache": {"lsm_inode_cache": 300 * KIB}}), look(caches=grows), settings=busy).grows


def test_a_mere_number_of_nobody_is_no_culprit() -> None:
    """Much becomes more on a healthy host."""
    assert not answer(watch({"count": {"negative dentries": 900.0}})).grows


def test_allocation_profiling_names_the_function() -> None:
    """Where the kernel has it, nothing needs to be traced to know the place; the process it does not tell."""
    name = "drivers/net/foo.c:77 [foo] func:foo_rx_refill"
    found = answer(watch({"site": {name: 3 * MIB}}, unaccounted=ramp(3 * MIB)))
    assert answer_text(found) == (
        "`foo_rx_refill [foo]`: 3 MiB a second, 100 % of what grows in no counter (allocation profiling, "
        "drivers/net/foo.c:77)"
    )


def test_the_questions_are_asked_in_order_and_no_more_than_needed() -> None:
    """An answer without a trace spares the host the trace."""
    questions: list[str] = []
    rings = packet_rings()
    page_tables = (
        watch({"page_tables": {"4242 leaker": 2 * MIB}}, PageTables=ramp(2 * MIB)),
        look(processes={4242: LEAKER}),
        traced(),
    )

    def host(answers: tuple[dict[str, object], ...]):
        by_question = dict(zip(("watch", "look", "trace"), answers, strict=True))

        def ask(request):
            questions.append(request["question"])
            return by_question[request["question"]]

        return ask

    wanted = replace(SETTINGS, trace=True)
    assert ask_all(host(page_tables), wanted).not_traced == "not_needed"
    assert questions == ["watch", "look"]
    assert ask_all(host(rings), SETTINGS).not_traced == "not_asked_for"
    assert ask_all(host(rings), wanted, check_mode=True).not_traced == "check_mode"
    questions.clear()
    assert ask_all(host(rings), wanted).not_traced is None
    assert questions == ["watch", "look", "trace"]
    questions.clear()
    assert ask_all(host(page_tables), replace(wanted, trace_always=True)).not_traced is None
    questions.clear()
    earlier = ask_all(host(rings), SETTINGS)
    questions.clear()
    assert ask_all(host(rings), wanted, earlier.readings).not_traced is None
    assert questions == ["trace"]


@pytest.mark.parametrize(("tracing", "reason"), [(None, "not_mounted"), ("6.18", None)], ids=["no tracefs", "tracefs"])
def test_why_a_host_is_not_traced(tracing: str | None, reason: str | None) -> None:
    """Told in the answer, since it is what the operator can change."""
    watched, looked, _trace = packet_rings()
    told = asked(
        watched, {**looked, "tracing": look(tracing=tracing)["tracing"]}, settings=replace(SETTINGS, trace=True)
    )
    assert told.not_traced == reason


def test_reclaimable_slab_is_asked_where_hardly_anything_else_grows() -> None:
    """A little of something else must not hide what made the dentries."""
    told = look(caches={"dentry": {"reclaimable": True}, "kmalloc-192": {}})
    caches = {"dentry": 3 * MIB, "kmalloc-192": 100 * KIB}
    assert list(answer(watch({"cache": caches}, SReclaimable=ramp(3 * MIB, 400 * MIB)), told).rates) == [
        "slab_reclaimable",
        "slab_unreclaimable",
    ]
    more = {"dentry": 3 * MIB, "kmalloc-192": MIB}
    assert list(answer(watch({"cache": more}, SReclaimable=ramp(3 * MIB, 400 * MIB)), told).rates) == [
        "slab_unreclaimable"
    ]
