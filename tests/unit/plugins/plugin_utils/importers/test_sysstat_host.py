# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command for sysstat prints on a host, run by a real shell with a stand-in for sadf where one is needed."""

from __future__ import annotations

import subprocess

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import sysstat_host
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.importers.saved_outputs import (
    saved_output,
)

SADF = saved_output("sadf_12.6.1_r_ALL_restart_comment.json")


def test_a_shell_without_sadf_says_so() -> None:
    """The command is run by a real shell that finds no program."""
    said = subprocess.run(["/bin/sh", "-c", sysstat_host.COMMAND], env={"PATH": "/nowhere"}, capture_output=True)
    assert said.returncode == 0
    found = sysstat_host.points_of("web1", said.stdout.decode())
    assert (found.points, found.reason) == ([], sysstat_host.NO_PROGRAM)


def test_each_reason_for_nothing_is_its_own() -> None:
    """What to do differs: install it, switch it on, become root."""
    assert sysstat_host.points_of("web1", "no files\n").reason == sysstat_host.NO_FILES
    assert sysstat_host.points_of("web1", "").reason == sysstat_host.NOT_READABLE
    empty = '{"sysstat": {"hosts": []}}\x1e'
    assert sysstat_host.points_of("web1", empty).reason == sysstat_host.NOTHING_IN_IT


def test_days_are_of_the_host_that_was_asked() -> None:
    """A host knows itself by another name; a banner of its shell before the first document is none of sadf's words."""
    found = sysstat_host.points_of("web1", SADF + "\n\x1e" + SADF + "\n\x1e\n")
    assert found.reason is None and {point.host for point in found.points} == {"web1"}
