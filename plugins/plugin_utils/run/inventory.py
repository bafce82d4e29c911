# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory as a run sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def groups_by_host(groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the inventory groups of each host, of the hosts of each group, as Ansible's ``group_names`` has them:
    every host is in ``all``, so that is not said.
    """
    by_host: dict[str, list[str]] = {}
    for group in sorted(groups):
        if group != "all":
            for host in groups[group]:
                by_host.setdefault(str(host), []).append(group)
    return by_host
