# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of gather_subset mean what the documentation says, and a wrong one is answered with the nearest right
one.
"""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.arguments import check_facts_arguments
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import (
    DEFAULT,
    NAMES,
    resolve_subsets,
)

ALL = dict.fromkeys(NAMES, "always")


def without(subsets, *names):
    """These subsets less some."""
    return {name: subsets[name] for name in subsets if name not in names}


@pytest.mark.parametrize(
    "asked, wanted",
    [
        (["default"], DEFAULT),
        ([], DEFAULT),
        (["min"], {}),
        (["all"], ALL),
        (["default", "all"], ALL),
        (["all", "default"], ALL),
        (["all", "!vmalloc"], without(ALL, "vmalloc")),
        (["!slab"], without(DEFAULT, "slab")),
        (["!slab", "!numa"], without(DEFAULT, "slab", "numa")),
        (["default", "slab"], dict(DEFAULT, slab="always")),
        (["slab", "default"], dict(DEFAULT, slab="always")),
        (["slab"], {"slab": "always"}),
        (["min", "slab", "vmalloc"], {"slab": "always", "vmalloc": "always"}),
        (["slab", "!slab"], {}),
        (["!all"], {}),
        (["!all", "numa"], {"numa": "always"}),
        (["!default", "numa"], {"numa": "always"}),
        (["all", "!all", "numa"], {"numa": "always"}),
        ([" slab ", "!min"], {"slab": "always"}),
    ],
)
def test_what_is_asked_is_wanted(asked, wanted):
    assert resolve_subsets(asked) == wanted


def test_default_needs_neither_root_nor_much_time():
    assert "vmalloc" not in DEFAULT and "allocinfo" not in DEFAULT
    assert {name for name in DEFAULT if DEFAULT[name] == "needed"} == {"slab", "processes"}


@pytest.mark.parametrize(
    "entry, hint",
    [
        ("slabs", "did you mean slab?"),
        ("!vmaloc", "did you mean !vmalloc?"),
        ("SLAB", "did you mean slab?"),
        ("zzz", "it is none of the subsets"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(entry, hint):
    with pytest.raises(ValueError) as error:
        resolve_subsets(["numa", entry])
    assert (
        hint in str(error.value) and repr(str(entry)) in str(error.value) and "allocinfo, cgroups" in str(error.value)
    )


def test_arguments_are_checked_before_any_host_is_touched():
    right = {"deadline": 5, "proc_root": "/proc", "sys_root": "/sys", "gather_subset": ["default"]}
    check_facts_arguments(right)
    with pytest.raises(ValueError, match="gather_subset has 'processs'; did you mean processes"):
        check_facts_arguments(dict(right, gather_subset=["processs"]))


def test_what_is_resolved_is_the_callers_own():
    """The groups are shared by every host of a run."""
    resolve_subsets(["default"]).clear()
    resolve_subsets(["all"]).clear()
    assert resolve_subsets(["default"]) == DEFAULT and resolve_subsets(["all"]) == ALL
