# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of one host: opened, with its picture and its limits."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.one import one_host
from ansible_collections.fleetaudit.kernel_memory.tests.unit import growing


def test_one_host_has_its_picture_its_facts_and_its_limits() -> None:
    """Nothing of it is folded away that one host's reader wants."""
    audit, causes = growing.checked()
    drawn = one_host(audit, causes)
    for words in ("Kernel memory of ", "critical limit 10 GiB", "Available memory", "Against its limits", "79\u00a0%"):
        assert words in drawn, words


def test_several_hosts_have_no_such_section() -> None:
    """The table has them."""
    audit, causes = growing.checked(2)
    assert one_host(audit, causes) == ""
