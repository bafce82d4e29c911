# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup C(findings): what an audit found, for a template or a loop."""

from __future__ import annotations

DOCUMENTATION = r"""
name: findings
short_description: The hosts of an audit with what was found on them
version_added: 1.0.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Reads an C(audit.json), or the newest report of a folder, and returns its hosts, those that are chosen by the
    options below. Each is a mapping with C(name), C(groups) and what the inventory plugin of the same name gives as
    C(kernel_memory).
  - It connects to no host.
options:
  _terms:
    description: An C(audit.json), the folder of its report, or a folder of reports, of which the newest is taken.
    type: list
    elements: str
    required: true
  verdict:
    description: Only hosts with one of these verdicts.
    type: list
    elements: str
    choices: [critical, warning, unknown, ok]
    default: []
  dimension:
    description: Only hosts with a finding of one of these dimensions.
    type: list
    elements: str
    default: []
  pattern:
    description: Only hosts with a finding of one of these known causes.
    type: list
    elements: str
    default: []
  investigation:
    description: An C(investigation.json) or its folder, whose culprits are added to the hosts.
    type: str
seealso:
  - plugin: fleetaudit.kernel_memory.findings
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Name the hosts that are critical
  ansible.builtin.debug:
    msg: "{{ query('fleetaudit.kernel_memory.findings', 'reports', verdict=['critical']) | map(attribute='name') }}"
"""

RETURN = r"""
_list:
  description: A mapping for each host.
  type: list
  elements: dict
  sample: [{name: web1, groups: [critical, dimension_percpu], verdict: critical, days_left: 4.2}]
"""

import os
from collections.abc import Sequence
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..plugin_utils._plain import to_plain
from ..plugin_utils.investigate.inventory import chosen, entries_of_report


class LookupModule(LookupBase):
    """Adapter: terms and options in, plain data out."""

    def run(self, terms: Sequence[Any], variables: Any = None, **options: Any) -> list[dict[str, Any]]:
        """Return the hosts of each report."""
        self.set_options(var_options=variables, direct=options)
        wanted = {name: to_plain(self.get_option(name)) for name in ("verdict", "dimension", "pattern")}
        investigation = self.get_option("investigation")
        found: list[dict[str, Any]] = []
        try:
            for term in to_plain(list(terms)):
                path = os.path.abspath(os.path.expanduser(str(term)))
                entries = entries_of_report(path, os.path.abspath(investigation) if investigation else None)
                found.extend(chosen(entries, **wanted))
        except ValueError as exc:
            raise AnsibleLookupError(f"fleetaudit.kernel_memory.findings: {exc}") from None
        return found
