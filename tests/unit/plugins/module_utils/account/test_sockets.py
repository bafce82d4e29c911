# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets that wait in sockets are a dimension with a name: counted once, with their limits beside, and no doubt."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.sockets import SocketMemory
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KIB,
    MIB,
    case,
    meminfo,
    plain,
    reading,
)

SOCKSTAT = "sockets: used 14\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem %d\nUDP: inuse 0 mem %d\nUDPLITE: inuse 0\n%s"


def facts_of(tcp=0, udp=0, more="", release=None, files=None, **others):
    given = dict({"proc/net/sockstat": SOCKSTAT % (tcp, udp, more)}, **(files or {}))
    if release:
        given["proc/sys/kernel/osrelease"] = release + "\n"
    return build_facts(reading(meminfo(**plain()), files=given, **others))


def sockets(facts):
    return facts["dimensions"]["socket_buffers_bytes"]


def limit(facts, name):
    [found] = [one for one in facts["limits"] if one["name"] == name]
    return found["value"], found["limit"], found["unit"]


def test_tcp_and_udp_are_a_dimension_and_do_not_widen_the_band():
    """10 MiB of each: shown, in both totals, out of what is unaccounted, and nothing is less certain by it."""
    facts, bare = facts_of(2560, 2560, "FRAG: inuse 2 memory 4096\n"), facts_of()
    assert sockets(facts) == 20 * MIB + 4096 and sockets(bare) == 0
    assert bare["dimensions"]["unaccounted_bytes"] - facts["dimensions"]["unaccounted_bytes"] == sockets(facts)
    for total in ("kernel_total_bytes", "kernel_unreclaimable_bytes"):
        assert facts[total] - bare[total] == sockets(facts)
    assert facts["accounting"]["unaccounted_band_bytes"] == bare["accounting"]["unaccounted_band_bytes"]
    assert facts["accounting"]["sockets_in_slab_bytes"] == 0


def test_what_is_in_slabs_already_is_not_counted_twice():
    """Small datagrams are in slabs: of 150 MiB only 100 are outside of them, and the total has the rest once."""
    facts, bare = facts_of(0, 150 * 256), facts_of()
    assert sockets(facts) == 150 * MIB and facts["dimensions"]["unaccounted_bytes"] == 0
    assert facts["accounting"]["sockets_in_slab_bytes"] == 50 * MIB
    assert facts["kernel_total_bytes"] - bare["kernel_total_bytes"] == 100 * MIB


@pytest.mark.parametrize(
    "page, release, unit",
    [
        (4096, None, 4096),
        (65536, "3.10.0-1160.el7.ppc64le", 65536),
        (65536, "4.18.0-553.el8.aarch64+64k", 4096),
        (65536, "5.14.0-570.el9.aarch64+64k", 4096),
        (65536, "4.10.17-generic", 65536),
        (65536, "4.11.0-generic", 4096),
        (65536, "5.19.17-generic", 4096),
        (65536, "6.0.1-generic", 65536),
        (65536, "6.1.0-56-arm64-64k", 65536),
        (65536, None, None),
    ],
)
def test_the_unit_of_the_count_is_not_always_a_page(page, release, unit):
    """Kernels from 4.11 to 5.19 count in 4 KiB; their limits are in pages all the same."""
    facts = facts_of(10, 0, page_size=page, release=release, files={"proc/sys/net/ipv4/tcp_mem": "100 200 300\n"})
    assert sockets(facts) == (10 * unit if unit else None)
    assert limit(facts, "tcp_memory") == (10 * unit if unit else None, 300 * page, "bytes")
    if not unit:
        assert facts["unavailable_class"]["socket_buffers"] == "not_readable"
        assert facts["accounting"]["bound"] == "lower"


def test_without_sockstat_the_total_is_a_lower_bound():
    text = meminfo(**plain())
    given = reading(text)
    del given["files"]["proc/net/sockstat"]
    facts = build_facts(dict(given, live=False))
    assert sockets(facts) is None and facts["unavailable_class"]["socket_buffers"] == "not_gathered"
    assert facts["accounting"]["bound"] == "lower" and facts["kernel_total_bytes"] > 0


@pytest.mark.parametrize(
    "text, page, kind, words",
    [
        ("", 4096, "damaged", "sockstat"),
        ("TCP: inuse 1\n", 4096, "not_in_this_kernel", "sockstat of this kernel has no memory of TCP."),
        (
            "TCP: inuse 1 mem 10\n",
            65536,
            "not_readable",
            "The unit of sockstat is not known, since page size or kernel release is not.",
        ),
        ("TCP: inuse 1 mem x\n", 4096, "damaged", "sockstat"),
        ("TCP: inuse 1 mem 9007199254740992\n", 4096, "damaged", "sockstat"),
    ],
)
def test_why_there_is_no_sum(text, page, kind, words):
    """An empty, an old, a foreign and a damaged file: each has a class of its own, and a reason that names the file."""
    found = SocketMemory({"files": {"proc/net/sockstat": text}, "errors": {}}, page, None)
    assert found.bytes is None and found.why[0] == kind
    assert found.why[1] == words if words.endswith(".") else words in found.why[1]


def test_what_is_known_of_sockets_is_their_sum():
    """UDP and fragments that a kernel does not tell are nothing; TCP is told by each."""
    text = (
        "TCP: inuse 1 orphan 0 mem 3\n\nUDP: inuse 0 mem 2\nUDPLITE: inuse 0\nFRAG: inuse 0 memory 100\nRAW: odd inuse"
    )
    found = SocketMemory({"files": {"proc/net/sockstat": text}}, 4096, None)
    assert (found.tcp, found.udp, found.fragments) == (3 * 4096, 2 * 4096, 100)
    assert (found.bytes, found.why) == (5 * 4096 + 100, None)
    alone = SocketMemory({"files": {"proc/net/sockstat": "TCP: inuse 1 mem 3\n"}}, 4096, None)
    assert (alone.udp, alone.fragments, alone.bytes) == (None, None, 3 * 4096)
    shifted = SocketMemory({"files": {"proc/net/sockstat": "TCP: 5 mem 3\n"}}, 4096, None)
    assert shifted.tcp is None, "names and numbers stand in pairs"


def test_the_largest_number_that_json_keeps_is_still_one():
    """2**53 bytes are known, and a page more is not."""
    pages = (1 << 53) // 4096
    for more, known in ((0, 1 << 53), (1, None)):
        reading_ = {"files": {"proc/net/sockstat": f"TCP: mem {pages + more}\n"}}
        assert SocketMemory(reading_, 4096, None).tcp == known


def test_more_than_ram_is_a_contradiction():
    facts = facts_of(10**9)
    assert facts["unavailable_class"]["socket_buffers"] == "contradictory"
    assert [one["counter"] for one in facts["contradictions"]] == ["sockstat"]


def test_udp_at_its_limit():
    """1.4 GiB of UDP are known, so that they are neither a driver's nor nobody's."""
    facts = build_facts(case("udp-memory-at-its-limit"))
    assert sockets(facts) == 379010 * 4 * KIB, "TCP has ten pages"
    assert limit(facts, "udp_memory") == (379000 * 4 * KIB, 380000 * 4 * KIB, "bytes")
    assert round(facts["dimensions"]["unaccounted_bytes"] / 1024**3, 1) == 12.3
