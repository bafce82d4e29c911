# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verdict stands on, with inputs of each kind: damaged readings, loaded modules, counters that contradict each
other, small machines, buffers of sockets, threads, per-CPU memory.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Verdict
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import GIB, VM, machine

KIB = 1024
"""Of a MiB, which is the unit of a machine; fields of meminfo are in KiB."""
POLICY = policy_of(None)
BASE: dict[str, Any] = {"ram": 64 * GIB, "su": 700, "sr": 900}


def judged(facts: Facts, policy: Any = None) -> Verdict:
    """The verdict on a production host."""
    return classify(facts, policy or POLICY, "production")


def found(verdict: Verdict) -> dict[str, str]:
    """The severity of each finding by its dimension."""
    return {one.dimension: one.severity for one in verdict.findings}


LESS: dict[str, dict[str, int | None]] = {
    "no SUnreclaim": {"SUnreclaim": None},
    "no slab at all": {"SUnreclaim": None, "Slab": None, "SReclaimable": None, "KReclaimable": None},
    "3 MiB of RAM": {"MemTotal": 3 * KIB},
    "slab above RAM": {"SUnreclaim": 90 * GIB * KIB, "Slab": 91 * GIB * KIB},
}


@pytest.mark.parametrize("name", LESS)
def test_a_damaged_reading_is_not_ok(name: str) -> None:
    """It is unknown, with the reason; the same host undamaged is ok."""
    assert judged(machine(**BASE)).verdict == "ok"
    verdict = judged(machine(**BASE, fields=LESS[name]))
    assert verdict.verdict == "unknown" and verdict.doubts
    assert all(doubt.endswith(".") for doubt in verdict.doubts)


@pytest.mark.parametrize(
    "name", ["MemFree", "Percpu", "PageTables", "KernelStack", "AnonPages", "VmallocUsed", "MemAvailable"]
)
def test_a_counter_above_all_memory_is_a_finding(name: str) -> None:
    """It is named; what follows from it is not judged."""
    verdict = judged(machine(**BASE, fields={name: 90 * GIB * KIB}))
    assert found(verdict) == {"counters": "warning"}
    (one,) = verdict.findings
    assert "MiB" in one.explanation and name in one.explanation


@pytest.mark.parametrize(
    "module", ["xe", "nouveau", "i915", "virtio_balloon", "xen_balloon", "zram", "zfs", "brd", "ast"]
)
def test_a_module_excuses_nothing_where_memory_is_short(module: str) -> None:
    """24 of 32 GiB in no counter, 900 MiB available: whatever is loaded."""
    facts = machine(32 * GIB, su=400, unaccounted=24 * GIB, available=900, free=800, signs=(*VM, f"module:{module}"))
    assert found(judged(facts)) == {"unaccounted": "critical"}


@pytest.mark.parametrize(("module", "severity"), [("i915", "warning"), ("zram", "warning"), ("nvidia", "info")])
def test_a_module_excuses_what_it_plausibly_holds(module: str, severity: str) -> None:
    """5 of 32 GiB with half of the memory available."""
    facts = machine(32 * GIB, su=400, unaccounted=5 * GIB, signs=(*VM, f"module:{module}"))
    assert found(judged(facts)) == {"unaccounted": severity}


def test_a_wrong_list_of_pages_neither_hides_nor_widens() -> None:
    """40 GiB too much in Inactive(file), and 30 GiB really in no counter: both are said, with the usual band."""
    shape: dict[str, Any] = {"su": 900, "unaccounted": 30 * GIB}
    sound, wrong = (machine(128 * GIB, **shape, fields=fields) for fields in (None, {"Inactive_file": 100 * GIB * KIB}))
    assert found(judged(wrong)) == {"unaccounted": "critical", "counters": "warning"}
    assert wrong.amounts["unaccounted"] == sound.amounts["unaccounted"]
    assert wrong.account.unaccounted_band_bytes == sound.account.unaccounted_band_bytes


@pytest.mark.parametrize(("tcp", "udp"), [(5 * GIB, 0), (0, 2 * GIB), (900, 700)])
def test_buffers_of_sockets_are_memory_with_a_name(tcp: int, udp: int) -> None:
    """They are in the total and in no remainder, and widen no band."""

    def host(tcp_mib: int, udp_mib: int) -> Facts:
        return machine(
            64 * GIB,
            su=900,
            unaccounted=50 + tcp_mib + udp_mib,
            files={
                "proc/net/sockstat": f"TCP: inuse 20 orphan 0 tw 0 alloc 30 mem {tcp_mib * 256}\n"
                f"UDP: inuse 3 mem {udp_mib * 256}\n",
                "proc/sys/net/ipv4/tcp_mem": "90000\t120000\t1800000\n",
                "proc/sys/net/ipv4/udp_mem": "90000\t120000\t790000\n",
            },
        )

    quiet, busy = host(0, 0), host(tcp, udp)
    more = (tcp + udp) * 1024**2
    assert (busy.amounts["socket_buffers"] or 0) - (quiet.amounts["socket_buffers"] or 0) == more
    total = "kernel_unreclaimable"
    assert (busy.amounts[total] or 0) - (quiet.amounts[total] or 0) == more
    assert abs((busy.amounts["unaccounted"] or 0) - (quiet.amounts["unaccounted"] or 0)) <= 1024**2
    assert busy.account.unaccounted_band_bytes == quiet.account.unaccounted_band_bytes


@pytest.mark.parametrize("ram", [480, 960, 1900, 3900])
@pytest.mark.parametrize(("percent", "severity"), [(12, None), (18, "warning"), (25, "critical")])
def test_small_machines_have_limits_that_they_can_reach(ram: int, percent: int, severity: str | None) -> None:
    """Slab by its share of RAM."""
    facts = machine(ram, su=ram * percent // 100, sr=20, vmalloc=8, threads=90, page_tables=3, percpu=1, unaccounted=12)
    assert found(judged(facts)).get("slab_unreclaimable") == severity


@pytest.mark.parametrize(
    "policy", [None, {"environments": {"production": {"groups": ["prod"]}, "development": {"groups": ["lab"]}}}]
)
def test_threads_are_a_share_of_memory_too(policy: dict[str, Any] | None) -> None:
    """4 % of RAM in stacks, a third of the threads that are allowed: with a policy and without."""
    facts = machine(256 * GIB, su=2000, threads=700_000, threads_limit=2_100_000)
    assert found(judged(facts, policy_of(policy))) == {"kernel_stack": "warning"}


@pytest.mark.parametrize("cpus", [2, 16, 64, 256])
def test_per_cpu_memory_of_maps_is_found_on_any_number_of_cpus(cpus: int) -> None:
    """250 MiB for each CPU, and hardly a control group."""
    facts = machine(max(cpus * 4, 16) * GIB, su=500, percpu=cpus * 250, cpus=cpus, cgroups=100)
    verdict = judged(facts)
    assert found(verdict)["percpu"] == "critical"
    assert {one.pattern for one in verdict.findings} == {"bpf_maps"}
