# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts count as similar."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules import similar_hosts as _cohort
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    GIB,
    SETTINGS,
    subject,
)


def web(number: int, **changes):
    """One host of the role web."""
    return subject(f"web{number}", groups=["production", "web"], **changes)


def db(number: int, **changes):
    """One host of the role db, so that web is not everybody."""
    return subject(f"db{number}", groups=["production", "db"], **changes)


def test_a_role_is_the_smallest_group_with_enough_hosts():
    """web_eu says more of what a host does than web, and a group of three says too little."""
    groups = {
        f"h{number}": ["web", *(["web_eu"] if number < 9 else []), *(["rack7"] if number < 3 else [])]
        for number in range(20)
    }
    groups.update({f"d{number}": ["db"] for number in range(20)})
    roles = _cohort.roles_of(groups, set())
    assert (roles["h0"], roles["h8"], roles["h9"], roles["d0"]) == ("web_eu", "web_eu", "web", "db")


def test_groups_of_nearly_everybody_and_of_an_environment_are_no_roles():
    """linux and production say nothing of what a host does."""
    groups = {f"h{number}": ["linux", "production"] if number < 19 else [] for number in range(20)}
    assert set(_cohort.roles_of(groups, set()).values()) == {None}
    groups = {f"h{number}": ["production" if number < 10 else "staging"] for number in range(20)}
    assert set(_cohort.roles_of(groups, {"production"}).values()) == {None, "staging"}


def test_the_environment_s_groups_are_known_from_the_policy():
    """A policy may call the group of production anything."""
    settings = replace(SETTINGS, groups=("live",))
    hosts = [
        subject(f"h{number}", groups=["live", "web" if number % 2 else "db"], settings=settings, environment="prod")
        for number in range(20)
    ]
    assert set(_cohort.subject_roles(hosts).values()) == {"web", "db"}


@pytest.mark.parametrize(
    ("number", "expected"), [(0, 0), (-1, 0), (1, 1), (2, 2), (3, 4), (48, 64), (62.7, 64), (64, 64), (65, 128)]
)
def test_a_bucket_is_the_power_of_two_that_a_number_fits_in(number, expected):
    """A host with 64 GiB built in shows 62.7, and belongs with those that show 64."""
    assert _cohort.bucket(number) == expected


@pytest.mark.parametrize(
    ("release", "expected"),
    [("6.12.0-55.el10", "6.12"), ("5.4", "5.4"), ("weird", "weird"), (None, "unknown"), ("6.1-rc3", "6.1")],
)
def test_kernels_are_alike_by_their_first_two_numbers(release, expected):
    """A security update of a kernel does not make hosts unlike."""
    assert _cohort.major_minor(release) == expected


def test_the_finest_likeness_with_enough_hosts_is_taken():
    """Twelve hosts of a role and kernel are compared with each other, three of another kernel with all of the role."""
    hosts = [
        *[web(number) for number in range(12)],
        *[web(number, kernel_release="5.14.0-1.el9") for number in range(20, 23)],
        *[db(n) for n in range(9)],
    ]
    places = _cohort.places_of(hosts)
    assert (places["web0"].others, places["web20"].others, places["db0"].others) == (11, 14, 8)
    assert "kernel 6.12" in places["web0"].cohort.shared and not any(
        "kernel" in word for word in places["web20"].cohort.shared
    )
    assert places["web0"].cohort is places["web1"].cohort


@pytest.mark.parametrize(
    "change",
    [
        {"memory_total_bytes": 128 * GIB},
        {"architecture": "aarch64"},
        {"kind": "vm"},
        {"kubernetes_node": True},
        {"vmalloc_meaning": "area"},
        {"memory_total_bytes": None},
    ],
)
def test_hosts_of_another_kind_are_never_similar(change):
    """However few there are: a virtual machine is no physical one."""
    places = _cohort.places_of(
        [*[web(number) for number in range(12)], *[db(number) for number in range(12)], web(99, **change)]
    )
    assert places["web99"].cohort is None and places["web99"].others == 0
    assert places["web0"].others == 11


def test_hosts_without_a_role_are_compared_by_kernel():
    """An inventory without groups still has similar hosts."""
    hosts = [subject(f"h{number}", kernel_release="6.12.0" if number < 10 else "5.14.0") for number in range(14)]
    places = _cohort.places_of(hosts)
    assert places["h0"].others == 9 and "kernel 6.12" in places["h0"].cohort.shared
    assert places["h13"].cohort is None and places["h13"].others == 3


def test_the_order_of_hosts_changes_nothing():
    """Two runs over the same fleet must agree."""
    hosts = [web(number, cpus_possible=16 if number % 3 else 64) for number in range(30)]
    one, two = _cohort.places_of(hosts), _cohort.places_of(hosts[::-1])
    assert {name: (place.others, place.cohort and place.cohort.members) for name, place in one.items()} == {
        name: (place.others, place.cohort and place.cohort.members) for name, place in two.items()
    }
