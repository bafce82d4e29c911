# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule that compares a host with similar ones, on numbers worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import SimilarHosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.disproportion import (
    SimilarJudgement,
    judge_similar_hosts,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    GIB,
    KIB,
    MIB,
    SETTINGS,
    growth,
    subject,
)


def fleet(slabs_mib, **changes):
    """Hosts of 64 GiB with these amounts of unreclaimable slab."""
    return [
        subject(f"h{number:02}", slab_unreclaimable_bytes=slab * MIB, **changes)
        for number, slab in enumerate(slabs_mib)
    ]


def compared(hosts: Sequence[Subject], name: str, *known: Finding) -> SimilarJudgement:
    """What the comparison says of one host, of which other rules have found what is *known*."""
    return judge_similar_hosts(hosts, {name: known})[name]


def found(hosts, *known, name="odd", dimension="slab_unreclaimable"):
    """The finding of one host on a dimension, or None."""
    judgement = compared(hosts, name, *known).judgement
    return next((one for one in judgement.findings if one.dimension == dimension), None)


USUAL = [500 + 10 * (number % 3) for number in range(20)]  # the median is 510 MiB


def test_a_host_with_five_times_the_median_is_a_warning():
    """2,550 MiB where 20 similar hosts have 510 MiB: beyond doubt, and 3.9 % of RAM."""
    one = found([*fleet(USUAL), subject("odd", slab_unreclaimable_bytes=2550 * MIB)])
    assert one.expected and one.next_step and one.command
    assert (one.kind, one.severity, one.unit, one.status) == ("disproportion", "warning", "bytes", "current")
    assert one.value == pytest.approx(2550 * MIB, abs=2) and one.limit == pytest.approx(765 * MIB, rel=1e-6)
    assert (
        one.evidence["similar_hosts"] == 20
        and one.evidence["ratio"] == 5
        and one.evidence["median"] == pytest.approx(510 * MIB, rel=1e-6)
    )
    assert one.evidence["z"] == pytest.approx(32.2, abs=0.1)  # ln 5 by the least spread of 5 %
    for words in (
        "2.5 GiB",
        "3.9 % of RAM",
        "20 similar hosts",
        "510 MiB, the median",
        "5 times as much",
        "kernel 6.12",
        "765 MiB counts",
    ):
        assert words in one.explanation, words


def test_three_times_the_median_is_information():
    """1,530 MiB stands out, and is worth no one's night."""
    assert found([*fleet(USUAL), subject("odd", slab_unreclaimable_bytes=1530 * MIB)]).severity == "info"


@pytest.mark.parametrize("finding", [growth(), replace(growth(severity="critical", status="current"), kind="limit")])
def test_three_times_the_median_that_also_grows_or_is_above_its_limit_is_a_warning(finding):
    """Two independent signs are more than one; never critical by itself."""
    odd = subject("odd", slab_unreclaimable_bytes=1530 * MIB)
    assert found([*fleet(USUAL), odd], finding).severity == "warning"


def test_levelling_off_is_no_second_sign():
    """What fills up and stops is no leak."""
    odd = subject("odd", slab_unreclaimable_bytes=1530 * MIB)
    assert found([*fleet(USUAL), odd], growth(status="levelling_off")).severity == "info"


def test_small_numbers_never_stand_out():
    """Ten times of little is little: 655 MiB (1 % of RAM) more than the median is the least that counts here."""
    assert found([*fleet([40] * 20), subject("odd", slab_unreclaimable_bytes=400 * MIB)]) is None
    assert found([*fleet([40] * 20), subject("odd", slab_unreclaimable_bytes=690 * MIB)]) is None
    assert found([*fleet([40] * 20), subject("odd", slab_unreclaimable_bytes=700 * MIB)]) is not None


def test_less_than_one_and_a_half_times_does_not_stand_out():
    """A sure difference of 40 % is still none to look into."""
    assert found([*fleet([4000] * 20), subject("odd", slab_unreclaimable_bytes=5600 * MIB)]) is None
    assert found([*fleet([4000] * 20), subject("odd", slab_unreclaimable_bytes=6200 * MIB)]) is not None


def test_a_host_is_compared_with_the_others_and_not_with_itself():
    """Among few hosts a sick one would otherwise move the median that it is compared with."""
    one = found([*fleet([600, 600, 600, 1000, 1000, 1000, 1000]), subject("odd", slab_unreclaimable_bytes=9000 * MIB)])
    assert one is None or one.evidence["median"] == pytest.approx(1000 * MIB, rel=1e-6)
    one = found([*fleet([1000] * 7), subject("odd", slab_unreclaimable_bytes=9000 * MIB)])
    assert one.evidence["median"] == pytest.approx(1000 * MIB, rel=1e-6) and one.evidence["similar_hosts"] == 7


def test_few_hosts_need_a_larger_distance_for_a_warning():
    """The spread of eight hosts is often small by luck. 4.5 times with a spread of 11 % is z = 13.2; 15.7 would be
    needed.
    """
    eight = [900, 920, 960, 1000, 1060, 1080, 1100]
    assert found([*fleet(eight), subject("odd", slab_unreclaimable_bytes=4500 * MIB)]).severity == "info"
    assert found([*fleet(eight * 6), subject("odd", slab_unreclaimable_bytes=4500 * MIB)]).severity == "warning"


def test_too_few_similar_hosts_are_said():
    """Six others are no cohort; the coverage says so for every dimension."""
    answer = compared([*fleet([500] * 6), subject("odd", slab_unreclaimable_bytes=9000 * MIB)], "odd")
    assert (
        answer.similar_hosts is None
        and not answer.judgement.judged
        and set(answer.judgement.not_judged) == set(LIMITED)
    )
    assert answer.judgement.not_judged["vmalloc"] == "There are 6 similar hosts, and at least 7 are needed."


def test_similar_hosts_that_differ_too_much_are_said():
    """From 64 MiB to 32 GiB of slab: no host can stand out, and none may be called fine."""
    hosts = fleet([64 * 2**number for number in range(10) for _twice in range(2)])
    judgement = compared(hosts, "h19").judgement
    assert (
        "differ too much" in judgement.not_judged["slab_unreclaimable"]
        and "19 similar hosts" in judgement.not_judged["slab_unreclaimable"]
    )
    assert "slab_unreclaimable" not in judgement.judged and "vmalloc" in judgement.judged
    # 64 MiB are too little to matter, whatever the others have.
    assert "slab_unreclaimable" in compared(hosts, "h00").judgement.judged


def test_reclaimable_slab_is_information_at_most():
    """The kernel gives it back."""
    hosts = [subject(f"h{number}", slab_reclaimable_bytes=GIB) for number in range(30)]
    one = found([*hosts, subject("odd", slab_reclaimable_bytes=20 * GIB)], dimension="slab_reclaimable")
    assert one.severity == "info" and "gives it back" in one.explanation
    assert (
        found([*hosts, subject("odd", slab_reclaimable_bytes=4 * GIB)], dimension="slab_reclaimable") is None
    )  # less than 5 % of RAM more


def test_per_cpu_memory_is_compared_by_possible_cpu():
    """Eight CPUs and four take turns; by CPU all have 1 MiB, and the odd one 100 MiB: 800 MiB in all."""
    hosts = [
        subject(f"h{number}", cpus_possible=8 if number % 2 else 6, percpu_bytes=(8 if number % 2 else 6) * MIB)
        for number in range(30)
    ]
    one = found([*hosts, subject("odd", cpus_possible=8, percpu_bytes=800 * MIB)], dimension="percpu")
    assert (one.unit, one.value, one.severity) == ("bytes_per_cpu", 100 * MIB, "warning")
    assert "per possible CPU is 100 MiB (800 MiB in all, 1.2 % of RAM)" in one.explanation


def test_kernel_stacks_are_compared_by_thread_and_then_by_ram():
    """64 KiB a thread is one trouble, a hundred thousand threads another."""
    hosts = [subject(f"h{number}", kernel_stack_bytes=1000 * 16 * KIB) for number in range(30)]
    one = found(
        [*hosts, subject("odd", threads=10_000, kernel_stack_bytes=10_000 * 64 * KIB)], dimension="kernel_stack"
    )
    assert (one.unit, one.value, one.limit) == ("bytes_per_thread", 64 * KIB, 24 * KIB - 1) or one["limit"] == 24 * KIB
    many = found(
        [*hosts, subject("odd", threads=100_000, kernel_stack_bytes=100_000 * 16 * KIB)], dimension="kernel_stack"
    )
    assert (many.unit, many.severity, many.value) == ("bytes", "warning", pytest.approx(100_000 * 16 * KIB, abs=2))


def test_page_tables_are_compared_by_mapped_memory_where_it_is_known():
    """A database that maps ten times as much needs ten times the page tables."""

    def host(name, mapped_gib, tables_mib):
        return subject(
            name,
            page_tables_bytes=tables_mib * MIB,
            terms={"active_anon_bytes": mapped_gib * GIB, "inactive_anon_bytes": 0},
        )

    hosts = [host(f"h{number}", 5, 200) for number in range(30)]
    assert found([*hosts, host("odd", 50, 2000)], dimension="page_tables") is None
    one = found([*hosts, host("odd", 5, 2000)], dimension="page_tables")
    assert one.severity == "warning" and "for this host's mapped memory" in one.explanation
    without = [subject(f"n{number}", page_tables_bytes=200 * MIB) for number in range(1)]
    assert (
        "for this host's RAM" in found([*hosts, *without, host("odd", 50, 2000)], dimension="page_tables").explanation
    )


def test_a_part_says_what_the_total_would():
    """One cause, one finding."""
    judgement = compared([*fleet(USUAL), subject("odd", slab_unreclaimable_bytes=20_000 * MIB)], "odd").judgement
    assert [one.dimension for one in judgement.findings] == ["slab_unreclaimable"]


def test_vmalloc_of_another_meaning_is_not_compared():
    """Address space is no memory."""
    hosts = [subject(f"h{number}", vmalloc_meaning="area") for number in range(20)]
    judgement = compared(hosts, "h0").judgement
    assert "does not count pages" in judgement.not_judged["vmalloc"] and len(judgement.judged) == len(LIMITED) - 1


def test_unknown_numbers_are_said_and_spoil_nothing():
    """A host without a counter is not compared in it; the others are."""
    hosts = [
        *fleet(USUAL),
        subject("odd", percpu_bytes=None, unavailable={"percpu_bytes": "Percpu is not there."}),
        subject("blind", threads=None),
    ]
    answers = judge_similar_hosts(hosts, {})
    assert answers["odd"].judgement.not_judged == {"percpu": "Percpu is not there."}
    assert answers["blind"].judgement.not_judged == {"kernel_stack": "The number of threads is not known."}
    assert "percpu" in answers["h00"].judgement.judged


def test_the_policy_can_switch_it_off_and_set_its_numbers():
    """Null is off; minimum, ratio and z are the user's."""
    off = subject("odd", slab_unreclaimable_bytes=9000 * MIB, settings=replace(SETTINGS, similar_hosts=None))
    answer = compared([*fleet(USUAL), off], "odd")
    assert not answer.judgement.findings and "switched" in answer.judgement.not_judged["vmalloc"]
    few = replace(SETTINGS, similar_hosts=SimilarHosts(minimum=3, times_median=4, z=2))
    hosts = [*fleet([500, 500], settings=few), subject("odd", slab_unreclaimable_bytes=1900 * MIB, settings=few)]
    assert found(hosts) is None
    assert found([*hosts[:2], subject("odd", slab_unreclaimable_bytes=2200 * MIB, settings=few)]) is not None


def test_the_policy_can_keep_it_information():
    """severities caps a kind of finding."""
    capped = replace(SETTINGS, severities={"slab_unreclaimable.disproportion": "info"})
    one = found([*fleet(USUAL), subject("odd", slab_unreclaimable_bytes=9000 * MIB, settings=capped)])
    assert one.severity == "info" and "the policy allows information at most" in one.explanation


def test_a_holder_that_can_t_be_measured_makes_it_information():
    """Where it takes so much elsewhere, too; that it is loaded is no evidence."""
    hosts = [subject(f"h{number}") for number in range(30)]
    loaded = [{"name": "nvidia", "kind": "gpu", "bytes": None, "explanation": None}]
    holders = [{**loaded[0], "plausible_bytes": 16 * GIB}]
    one = found([*hosts, subject("odd", unaccounted_bytes=9 * GIB, holders=loaded)], dimension="unaccounted")
    assert one.severity == "warning"
    assert found([*hosts, subject("odd", unaccounted_bytes=9 * GIB)], dimension="unaccounted").severity == "warning"
    one = found([*hosts, subject("odd", unaccounted_bytes=9 * GIB, holders=holders)], dimension="unaccounted")
    assert one.severity == "info" and "nvidia may hold it" in one.explanation


def test_hostile_names_stay_one_line():
    """Groups and kernels come from inventories and hosts."""
    groups = ["production", "we\nb\x1b[31m" + "x" * 500]
    hosts = [subject(f"h{number}", groups=groups, kernel_release="6.\n<b>-1") for number in range(20)]
    odd = subject("odd", groups=groups, kernel_release="6.\n<b>-1", slab_unreclaimable_bytes=9000 * MIB)
    text = found([*hosts, odd, *[subject(f"o{number}") for number in range(9)]]).explanation
    assert text.isprintable() and len(text) < 900


def test_three_times_the_median_of_hosts_that_differ_is_nothing():
    """With a spread of 33 % among the others, z is 3.3: the next healthy host may be there."""
    usual = [600, 700, 800, 900, 1000, 1100, 1250, 1400, 1600, 1800]
    assert found([*fleet(usual), subject("odd", slab_unreclaimable_bytes=3000 * MIB)]) is None


def test_the_median_of_the_others_is_theirs_alone():
    """Seven others, four with 4,000 MiB: the median is 4,000, and 6,240 is 1.56 times that. With itself it would be
    4,800.
    """
    one = found([*fleet([4000] * 4 + [5600] * 3), subject("odd", slab_unreclaimable_bytes=6240 * MIB)])
    assert one.evidence["median"] == pytest.approx(4000 * MIB, rel=1e-6) and one.evidence["ratio"] == 1.56


def test_a_warning_is_at_least_one_percent_of_ram():
    """25 times as much per-CPU memory as usual, and 0.6 % of RAM."""
    hosts = [subject(f"h{number}") for number in range(60)]
    assert found([*hosts, subject("odd", percpu_bytes=400 * MIB)], dimension="percpu").severity == "info"
    assert found([*hosts, subject("odd", percpu_bytes=700 * MIB)], dimension="percpu").severity == "warning"


def test_few_hosts_count_as_no_more_alike_than_is_usual_in_the_fleet():
    """Eight hosts with the very same amount: luck, where the hosts of all other roles differ by 40 %; no luck where
    they do not.
    """

    def role(name, slabs):
        return [
            subject(f"{name}{number}", groups=[name], slab_unreclaimable_bytes=slab * MIB)
            for number, slab in enumerate(slabs)
        ]

    mine = [*role("db", [1000] * 8), subject("odd", groups=["db"], slab_unreclaimable_bytes=4500 * MIB)]
    wide = [400, 550, 700, 850, 1000, 1200, 1400, 1700, 2000, 2500]
    differing = [host for name in ("web", "log", "mq") for host in role(name, wide)]
    alike = [host for name in ("web", "log", "mq") for host in role(name, [1000] * 10)]
    assert found([*mine, *differing]).severity == "info"
    assert found([*mine, *alike]).severity == "warning"


def test_tiny_remainders_are_alike():
    """From 1 to 300 MiB that no counter names, below half a percent of RAM: noise, and no sign that hosts differ."""
    hosts = [subject(f"h{number}", unaccounted_bytes=(1 + 10 * number) * MIB) for number in range(30)]
    one = found([*hosts, subject("odd", unaccounted_bytes=4 * GIB)], dimension="unaccounted")
    assert one.evidence["median"] == pytest.approx(0.005 * 64 * GIB, rel=1e-6)


def test_a_total_alone_is_information():
    """Five times the usual total, and no part that stands out: a sign, and no proof."""
    hosts = [subject(f"h{number}", kernel_unreclaimable_bytes=GIB) for number in range(30)]
    odd = subject("odd", kernel_unreclaimable_bytes=5 * GIB)
    assert found([*hosts, odd], dimension="kernel_unreclaimable").severity == "info"
    growing = growth("kernel_unreclaimable")
    assert found([*hosts, odd], growing, dimension="kernel_unreclaimable").severity == "warning"
