# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin C(findings): an audit as groups and variables."""

from __future__ import annotations

DOCUMENTATION = r"""
name: findings
short_description: The hosts of an audit, grouped by what was found
version_added: 1.0.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Reads an C(audit.json), the newest report of a folder, or a history store, and puts its hosts into groups by
    verdict, finding, dimension, severity, pattern, kernel and environment, so that any play can act on them.
  - It connects to no host. Use it beside the inventory that the audit was made with, which knows how to connect.
  - The file's name must end with C(kernel_memory.yml) or C(kernel_memory.yaml).
  - Each host has the variable C(kernel_memory), a mapping with C(verdict), C(findings), C(days_left), C(owner),
    C(unit), C(kernel), C(environment), C(audited_at), C(run_id), C(culprit), C(no_data), and C(investigate), the
    command line of an investigation. What comes from hosts is never taken for a template.
extends_documentation_fragment:
  - ansible.builtin.constructed
options:
  plugin:
    description: Name of this plugin.
    type: str
    required: true
    choices: [fleetaudit.kernel_memory.findings]
  source:
    description:
      - An C(audit.json), the folder of its report, or a folder of reports, whose newest is taken. A relative path
        starts at the folder of the inventory file.
    type: str
  history:
    description:
      - A history store in place of O(source). It has the findings of the latest run of each host,
        and neither causes nor owners nor environments.
    type: str
  investigation:
    description: An C(investigation.json) or its folder, whose culprits are added to the hosts.
    type: str
  prefix:
    description: What the names of all groups begin with.
    type: str
    default: kernel_memory_
  hosts:
    description:
      - Which hosts are taken. V(known) are those that an inventory before this one has, V(all) every host of the
        audit. V(auto) is V(known) where there is an inventory before this one, else V(all).
    type: str
    choices: [auto, known, all]
    default: auto
  maximum_age:
    description:
      - Hours that the audit may be old at most. An older one is an error, since it would be acted on. Without it any
        age will do.
    type: float
"""

EXAMPLES = r"""
# last.kernel_memory.yml
# ansible-playbook -i hosts.yml -i last.kernel_memory.yml restart.yml --limit kernel_memory_critical
plugin: fleetaudit.kernel_memory.findings
source: reports
maximum_age: 26

# Groups of one's own, from the variables
# plugin: fleetaudit.kernel_memory.findings
# source: reports/latest
# groups:
#   full_this_week: kernel_memory.days_left is not none and kernel_memory.days_left < 7
"""

import os
import time
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ..plugin_utils.investigate.inventory import Entry, check_age, entries_of_history, entries_of_report

ENDINGS = ("kernel_memory.yml", "kernel_memory.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable):
    """Adapter: options in, groups and variables out."""

    NAME = "fleetaudit.kernel_memory.findings"

    def verify_file(self, path: str) -> bool:
        """Whether a file is one of this plugin's, by its name."""
        return bool(super().verify_file(path)) and path.endswith(ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add the hosts."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            entries = self._entries(os.path.dirname(os.path.abspath(path)))
        except ValueError as exc:
            raise AnsibleParserError(f"{path}: {exc}") from None
        known = set(inventory.hosts)
        only_known = self.get_option("hosts") == "known" or (self.get_option("hosts") == "auto" and known)
        for entry in entries:
            if not only_known or entry.name in known:
                self._add(entry)

    def _entries(self, folder: str) -> tuple[Entry, ...]:
        source, history, investigation = (self.get_option(name) for name in ("source", "history", "investigation"))
        if bool(source) == bool(history):
            raise ValueError("give source or history, one of them.")
        if history:
            entries = entries_of_history(str(history) if "://" in history else _whole(folder, history))
        else:
            culprits = _whole(folder, investigation) if investigation else None
            entries = entries_of_report(_whole(folder, source), culprits)
        check_age(entries, self.get_option("maximum_age"), time.time())
        return entries

    def _add(self, entry: Entry) -> None:
        self.inventory.add_host(entry.name)
        for group in entry.groups:
            name = self.inventory.add_group(str(self.get_option("prefix")) + group)
            self.inventory.add_child(name, entry.name)
        variables = {"kernel_memory": wrap_var(dict(entry.variables))}
        self.inventory.set_variable(entry.name, "kernel_memory", variables["kernel_memory"])
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, entry.name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, entry.name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, entry.name, strict=strict)


def _whole(folder: str, path: str) -> str:
    return os.path.abspath(os.path.join(folder, os.path.expanduser(path)))
