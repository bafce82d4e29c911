# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions come in their order, and no more of them than needed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import ask_all, understood
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    LEAKER,
    MIB,
    SETTINGS,
    asked,
    look,
    packet_rings,
    ramp,
    site,
    trace,
    traced,
    watch,
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


def test_readings_that_were_kept_say_the_same_again() -> None:
    """An investigation.json is worked out again from what it holds: for a bundle, and by a later version."""
    rings = packet_rings()
    first = asked(*rings)
    again = understood(first.readings, SETTINGS)
    assert (again.answer, again.not_traced) == (first.answer, first.not_traced)
    with pytest.raises(ValueError, match=r"holds no readings of the question look\.$"):
        understood({"watch": first.readings["watch"]}, SETTINGS)


def test_a_trace_that_would_tell_more_is_offered() -> None:
    """Only where it is possible, and only where nobody has asked for it."""
    watched, looked, _trace = packet_rings()
    assert asked(watched, looked).wants_trace
    assert not asked(watched, {**looked, "tracing": look(tracing=None)["tracing"]}).wants_trace
    assert not asked(watch()).wants_trace


def test_an_object_that_grows_is_traced_always_though_no_counter_does() -> None:
    """On a restless host free memory and the lists of CPUs rise and fall by more than a leak of pipes."""
    watched = watch({"descriptors": {"4242 leaker": 96.0}})
    looked = look(descriptors={4242: {"pipe": {"count": 400, "waiting_bytes": 400 << 15}}}, processes={4242: LEAKER})
    told = traced(trace("unaccounted", [site(["anon_pipe_write"], 6 * MIB, [(LEAKER, 6 * MIB)])]))
    answers = {"watch": watched, "look": looked, "trace": told}
    always = ask_all(lambda request: answers[request["question"]], replace(SETTINGS, trace=True, trace_always=True))
    assert always.not_traced is None
    first = always.answer.culprits[0]
    assert (first.stack, first.confidence) == (("anon_pipe_write",), "medium")
    assert first.what == "descriptors of the kind pipe"
    assert (
        ask_all(lambda request: answers[request["question"]], replace(SETTINGS, trace=True)).not_traced == "not_needed"
    )
    nothing = {**answers, "watch": watch(), "look": look()}
    wanted = replace(SETTINGS, trace=True, trace_always=True)
    assert ask_all(lambda request: nothing[request["question"]], wanted).not_traced == "nothing_to_trace"
