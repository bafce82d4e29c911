# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of findings."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.groups import group_findings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import plain
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entries_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.entries import entry
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import growth


def host(number, kernel="6.1.0", findings=(), **changes):
    """One host as it stands in an audit."""
    return entry(f"h{number:03}", findings, kernel_release=kernel, **changes)


def test_a_finding_on_one_host_is_no_group():
    """Two hosts are."""
    assert plain(group_findings(entries_of([host(1, findings=[growth()]), host(2)]))) == []
    (group,) = plain(group_findings(entries_of([host(2, findings=[growth()]), host(1, findings=[growth()]), host(3)])))
    assert group["hosts"] == ["h001", "h002"] and group["shared"] is None and group["regression"] is False


def test_hosts_of_one_kernel_that_grow_are_a_regression_and_come_first():
    """12 of 12 on the new kernel grow, none of 40 on the old one; a critical limit on more hosts comes after."""
    over = synthetic.finding("percpu", "critical")
    hosts = [host(n, "7.0.0", [growth(severity="warning")]) for n in range(12)] + [
        host(n, findings=[over] if n % 2 else []) for n in range(20, 60)
    ]
    first, second = plain(group_findings(entries_of(hosts)))
    assert (first["kind"], first["regression"], second["severity"], second["regression"]) == (
        "growth",
        True,
        "critical",
        False,
    )
    assert first["shared"]["what"] == "kernel" and first["shared"]["name"] == "7.0.0 x86_64"
    assert (
        first["shared"]["sentence"]
        == "12 of 12 hosts on kernel 7.0.0 x86_64 grow alike (100.0 %), 0 of the 40 others do (0.0 %)."
    )


def test_information_never_comes_before_a_warning():
    """A regression that is only watched is still information."""
    hosts = [host(n, "7.0.0", [growth()]) for n in range(12)] + [
        host(n, findings=[synthetic.finding()]) for n in range(20, 60)
    ]
    assert [group["severity"] for group in plain(group_findings(entries_of(hosts)))] == ["warning", "info"]


def test_each_kind_has_its_sentence():
    """Growth is not above a limit."""
    texts = {}
    for kind in ("limit", "growth", "spike", "drop", "disproportion"):
        finding = {**growth(severity="warning"), "kind": kind}
        (group,) = plain(group_findings(entries_of([host(1, findings=[finding]), host(2, findings=[finding])])))
        texts[kind] = group["explanation"]
    assert texts == {
        "limit": "Slab that can't be reclaimed is above its warning limit on 2 hosts: production (2).",
        "growth": "Slab that can't be reclaimed grows on 2 hosts: production (2).",
        "spike": "Slab that can't be reclaimed has risen suddenly on 2 hosts: production (2).",
        "drop": "Slab that can't be reclaimed has dropped suddenly on 2 hosts: production (2).",
        "disproportion": "Slab that can't be reclaimed is far above that of similar hosts on 2 hosts: production (2).",
    }


def test_a_role_and_hardware_can_be_shared():
    """Not everything is the kernel."""
    hosts = [
        host(n, findings=[growth()] if n < 12 else [], groups=["production", "db" if n < 14 else "web"])
        for n in range(60)
    ]
    (group,) = plain(group_findings(entries_of(hosts)))
    assert (group["shared"]["what"], group["shared"]["hosts_there"], group["regression"]) == ("role", 14, False)
    hosts = [host(n, findings=[growth()] if n < 12 else [], kind="vm" if n < 14 else "physical") for n in range(60)]
    assert plain(group_findings(entries_of(hosts)))[0]["shared"]["what"] == "hardware"


def test_the_order_of_hosts_changes_nothing():
    """Same audit, same groups."""
    hosts = [
        host(n, "7.0.0" if n % 3 else "6.1.0", [growth(dimension) for dimension in ("percpu", "vmalloc")[: n % 3]])
        for n in range(40)
    ]
    assert plain(group_findings(entries_of(hosts))) == plain(group_findings(entries_of(hosts[::-1])))


def test_hosts_of_an_older_audit_lack_groups():
    """audit.json of an earlier version has no inventory groups."""
    hosts = [host(n, findings=[growth()]) for n in range(3)]
    for one in hosts:
        del one["groups"], one["environment_source"]
    assert len(plain(group_findings(entries_of(hosts)))) == 1
