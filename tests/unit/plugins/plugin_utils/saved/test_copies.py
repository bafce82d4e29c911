# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of one host are found and joined by what they tell of themselves, and never against it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.saved.copies import copies_below, hosts_of

AT, DAY = 1_700_000_000, 86400


def save(top: Path, name: str, day: float = 0, *, flat: bool = False, **told: Any) -> None:
    """Save a copy that is so many days old and tells such things of its host."""
    folder, files = top / name, {}
    root = folder if flat else folder / "proc"
    files[root / "meminfo"] = f"MemTotal:       {told.get('memory', 1000)} kB\n"
    if "uptime" in told:
        files[root / "uptime"] = f"{told['uptime']:.2f} 0.00\n"
    if "boot" in told:
        files[root / "sys/kernel/random/boot_id"] = f"{told['boot']}\n"
    if "machine" in told:
        files[folder / "etc/machine-id"] = f"{told['machine']}\n"
    if "hostname" in told:
        files[folder / "hostname"] = f"{told['hostname']}\n"
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    os.utime(root / "meminfo", (AT + day * DAY, AT + day * DAY))


def found(top: Path) -> dict[str, list[str]]:
    """The hosts with the folders of their copies, the oldest first."""
    return {
        host.name: [os.path.relpath(copy.folder, top) for copy in host.copies]
        for host in hosts_of(copies_below(top), top)
    }


def test_copies_of_one_boot_are_one_host_by_its_folder(tmp_path: Path) -> None:
    """As a crash script keeps them, a folder a day; the newest is judged."""
    for day in (3, 1, 2):
        save(tmp_path, f"web1/2026-11-0{day}", day, boot="b", uptime=day * DAY)
    save(tmp_path, "web2/2026-11-01", 1, boot="c", uptime=DAY)
    assert found(tmp_path) == {
        "web1": ["web1/2026-11-01", "web1/2026-11-02", "web1/2026-11-03"],
        "web2": ["web2/2026-11-01"],
    }


def test_support_archives_have_the_name_of_their_host(tmp_path: Path) -> None:
    """After a reboot, too; the names of their folders are of dates and chance."""
    save(tmp_path, "sosreport-web1-2026-11-01-abcdefg", 1, hostname="web1", machine="m", boot="a", uptime=5)
    save(tmp_path, "sosreport-web1-2026-11-09-gfedcba", 9, hostname="web1", machine="m", boot="b", uptime=5)
    assert list(found(tmp_path)) == ["web1"]
    assert len(found(tmp_path)["web1"]) == 2


def test_folders_of_one_name_are_one_host(tmp_path: Path) -> None:
    """Flat copies and whole ones; what they have in common is the name and the RAM."""
    save(tmp_path, "monday/web1", 1)
    save(tmp_path, "tuesday/web1", 2, flat=True, memory=1005)
    assert found(tmp_path) == {"web1": ["monday/web1", "tuesday/web1"]}


def test_a_stem_names_a_host_that_does_not_name_itself(tmp_path: Path) -> None:
    """web1-2026-11-01 and web1-2026-11-02 are web1."""
    for day in (1, 2):
        save(tmp_path, f"web1-2026-11-0{day}", day, boot="b", uptime=day * DAY)
    assert list(found(tmp_path)) == ["web1"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"memory": 1000}, {"memory": 2000}),
        ({"machine": "m"}, {"machine": "n"}),
        ({"hostname": "web1"}, {"hostname": "db1"}),
    ],
)
def test_two_machines_of_one_name_are_refused(tmp_path: Path, one: dict[str, Any], two: dict[str, Any]) -> None:
    """Otherwise one of them would be the other's past."""
    save(tmp_path, "a/web1", 1, **one)
    save(tmp_path, "b/web1", 2, **two)
    with pytest.raises(ValueError, match="web1, since their names are alike, and they are not of one; rename"):
        found(tmp_path)


def test_clones_are_not_each_others_past(tmp_path: Path) -> None:
    """Machines that were restored from one snapshot share a boot id, and machine ids are copied with a disk."""
    save(tmp_path, "one", 1, boot="b", uptime=DAY, machine="m")
    save(tmp_path, "two", 2, boot="b", uptime=DAY, machine="m")
    save(tmp_path, "three", 3, boot="b", uptime=3 * DAY, memory=5000)
    save(tmp_path, "four", 1, boot="b", uptime=DAY)
    save(tmp_path, "five", 5, hostname="localhost")
    save(tmp_path, "six", 6, hostname="localhost")
    assert len(found(tmp_path)) == 6


def test_two_copies_of_one_moment_are_one(tmp_path: Path) -> None:
    """The same archive, unpacked twice."""
    save(tmp_path, "a/web1", 1, boot="b")
    save(tmp_path, "b/web1", 1, boot="b")
    assert found(tmp_path) == {"web1": ["b/web1"]}


def test_what_is_within_a_copy_is_no_copy(tmp_path: Path) -> None:
    """NUMA nodes have a meminfo, support archives have one of their own, and a link leads elsewhere."""
    save(tmp_path, "web1", 1)
    save(tmp_path, "web1/sys/devices/system/node/node0", 1, flat=True)
    save(tmp_path, "web1/inside", 1, flat=True)
    save(tmp_path, "node7", 1, flat=True)
    (tmp_path / "link").symlink_to(tmp_path / "web1")
    assert found(tmp_path) == {"web1": ["web1"]}
    assert found(tmp_path / "web1") == {"web1": ["."]}
