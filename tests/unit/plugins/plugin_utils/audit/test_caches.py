# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The largest slab caches across the fleet."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.caches import listings_of, top_caches
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import plain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import sample_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.similar_hosts import environment_groups
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, healthy_facts

NOW = 1_795_521_600
SETTINGS = policy_of(None).environments["production"]


def host(name, sizes, aliases=(), kernel="6.1.0"):
    """One host that lists its caches."""
    caches = [{"name": cache, "bytes": size, "objects": 1, "aliases": list(aliases)} for cache, size in sizes.items()]
    return with_part(name, {"slab_caches": {"complete": True, "reason": None, "caches": caches}}, kernel)


def with_part(name, attribution, kernel="6.1.0"):
    """One host that says so of who uses its memory."""
    facts = checked_facts(healthy_facts(kernel_release=kernel, attribution=attribution))
    return Subject(name, sample_of(name, facts, NOW), "production", SETTINGS, facts)


def top(hosts):
    """The largest caches of hosts, as the audit has them."""
    return plain(top_caches(listings_of(hosts), environment_groups(hosts)))


def test_caches_are_added_up_over_hosts():
    """The largest total first, with the host that has most."""
    hosts = [
        host("b", {"dentry": 300 * MIB, "kmalloc-64": 100 * MIB}),
        host("a", {"dentry": 200 * MIB, "ext4_inode_cache": 50 * MIB}),
        with_part("c", {}),
    ]
    assert top(hosts) == [
        {"name": "dentry", "aliases": [], "hosts": 2, "bytes": 500 * MIB, "largest_host": "b", "shared": None},
        {"name": "kmalloc-64", "aliases": [], "hosts": 1, "bytes": 100 * MIB, "largest_host": "b", "shared": None},
        {"name": "ext4_inode_cache", "aliases": [], "hosts": 1, "bytes": 50 * MIB, "largest_host": "a", "shared": None},
    ]


def test_aliases_of_all_hosts_are_kept():
    """The kernel merges caches, and not the same ones everywhere."""
    (cache,) = top([host("a", {"kmalloc-64": MIB}, ["x", "kmalloc-64"]), host("b", {"kmalloc-64": MIB}, ["y", "x"])])
    assert cache["aliases"] == ["x", "y"]


def test_the_list_is_bounded():
    """Twenty caches and eight aliases are enough for anybody."""
    sizes = {f"cache-{number}": number * MIB for number in range(1, 50)}
    aliases = [f"alias{number}" for number in range(16)]
    # A host lists sixteen of them at most.
    caches = top(
        [host(f"h{first}", dict(list(sizes.items())[first : first + 16]), aliases) for first in range(0, 49, 16)]
    )
    assert len(caches) == 20 and caches[0]["name"] == "cache-49" and all(len(cache["aliases"]) <= 8 for cache in caches)


def test_what_hosts_with_much_of_a_cache_share():
    """Ten hosts on the new kernel hold 4 GiB of filp, forty on the old one 40 MiB."""
    hosts = [host(f"n{number}", {"filp": 4 * GIB}, kernel="7.0.0") for number in range(10)] + [
        host(f"o{number}", {"filp": 40 * MIB}) for number in range(40)
    ]
    (cache,) = top(hosts)
    assert cache["shared"] == (
        "10 of 10 hosts on kernel 7.0.0 x86_64 hold more than 0.18 % of RAM in it (100.0 %), 0 of the 40 others do "
        "(0.0 %)."
        " The most on one host is 4 GiB."
    )


def test_missing_numbers_and_hostile_names():
    """A cache without a name or a size is left out; a name is one line."""
    rows = [
        {"name": name, "bytes": size, "aliases": []}
        for name, size in (("evil\n\x1b[31mcache", MIB), ("", GIB), ("empty", 0), (None, None))
    ]
    one = with_part("a", {"slab_caches": {"complete": True, "reason": None, "caches": rows}})
    assert [cache["name"] for cache in top([one])] == ["evil [31mcache"]
    refused = {"slab_caches": {"complete": False, "reason": "no"}}
    assert top([with_part("x", None), with_part("y", refused)]) == []


def test_the_order_of_hosts_changes_nothing():
    """Equal sizes are told apart by name."""
    hosts = [host(f"h{number}", {"b": MIB, "a": MIB}, [f"x{number}"]) for number in range(12)]
    assert top(hosts) == top(hosts[::-1])
