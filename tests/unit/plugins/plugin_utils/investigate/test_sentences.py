# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer in words, with every name marked."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.culprit import Culprit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.looked import Process
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import (
    answer_text,
    culprit_text,
    number_text,
    process_text,
    quoted,
    rate_text,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    MIB,
    answer,
    look,
    packet_rings,
    ramp,
    watch,
)


def test_the_sentence_names_function_process_rate_share_and_losses() -> None:
    """All that somebody needs at three in the morning, in one line."""
    assert answer_text(answer(*packet_rings())) == (
        "`packet_set_ring` < `packet_setsockopt`, called by `tcpdump` (pid 4242, `capture.service`): 0.8 a second, "
        "3.0 MiB a second, 98 % of what grows in no counter while it was traced; by the counters it has more and more "
        "descriptors of the kind socket (packet) (9 of its 9 newest descriptors); 0 events lost"
    )
    assert answer(*packet_rings()).culprits[0].confidence == "high"


def test_only_reclaimable_slab_is_said_to_be_no_leak() -> None:
    """The kernel takes it back."""
    found = answer(
        watch({"cache": {"dentry": MIB}}, SReclaimable=ramp(MIB, 400 * MIB)),
        look(caches={"dentry": {"reclaimable": True}}),
    )
    assert answer_text(found).startswith(
        "Only reclaimable slab grows, which the kernel takes back when memory is short."
    )


@pytest.mark.parametrize("name", ["tcpdump", "a`b", "x\ny", "\x1b[31m", "", "x" * 4096])
def test_a_name_ends_where_its_marks_end(name: str) -> None:
    """A command chooses its name, and must not be able to go on in our words."""
    told = quoted(name)
    assert told[0] == told[-1] == "`" and "`" not in told[1:-1]
    assert "\n" not in told and "\x1b" not in told and len(told) <= 122


@pytest.mark.parametrize(
    ("process_", "number", "expected"),
    [
        (Process("db", 7), None, "`db` (pid 7)"),
        (Process("db", 7, unit="db.service"), 1, "`db` (pid 7, `db.service`)"),
        (Process("cc1", None, parent_command="make"), 40, "`cc1` (40 processes, started by `make`)"),
        (Process("cc1"), None, "`cc1`"),
    ],
)
def test_a_process_is_told_so_that_it_can_be_found(process_: Process, number: int | None, expected: str) -> None:
    """Number and unit of one; of many how many, and who started them."""
    assert process_text(process_, number) == expected


DB = Process("db", 7)
CULPRITS = [
    (
        Culprit("caller", "low", "vmalloc", ("f",), bytes_per_second=MIB),
        "`f`: 1 MiB a second, along with what grows in vmalloc memory",
    ),
    (Culprit("objects", "medium", None, what="keys of user 0", number_per_second=0.4), "Keys of user 0: 0.4 a second"),
    (
        Culprit("objects", "low", None, what="descriptors", process=DB),
        "`db` (pid 7) has more and more descriptors: it grows",
    ),
    (
        Culprit("trace", "high", "percpu", ("f", "g"), DB, share=0.5, lost=0),
        "`f` < `g`, called by `db` (pid 7): 50 % of what grows in per-CPU memory while it was traced; 0 events lost",
    ),
]


@pytest.mark.parametrize(("culprit", "expected"), CULPRITS)
def test_a_culprit_is_one_sentence_of_what_is_known(culprit: Culprit, expected: str) -> None:
    """What is not known is left out, not guessed."""
    assert culprit_text(culprit) == expected


def test_what_is_not_named_is_said_to_be_not_named() -> None:
    """With its rate, so that somebody can go on."""
    assert answer_text(answer(watch({}, Percpu=ramp(MIB, 4 * MIB)))) == (
        "What grows is not named: per-CPU memory by 1 MiB a second, in 4 windows of 4 seconds"
    )


def test_rates_and_numbers_have_their_units() -> None:
    """Bytes are bytes, and objects have none."""
    assert (rate_text(3.1 * MIB), number_text(1300.4), number_text(0.42)) == (
        "3.1 MiB a second",
        "1,300 a second",
        "0.42 a second",
    )
