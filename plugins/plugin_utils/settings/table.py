# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all variables of this collection. One that begins like them and is not here is a mistake.

``docs/settings.md`` and the role's argument specification say the same; tests hold them together.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import of_audits, of_awx, of_deliveries, of_gates, of_investigations, of_kept_audits
from .setting import PREFIX, Setting

_PARTS = (of_audits, of_gates, of_kept_audits, of_deliveries, of_investigations, of_awx)

SETTINGS: Mapping[str, Setting] = {setting.name: setting for part in _PARTS for setting in part.SETTINGS}
"""All settings by name."""


def used_by(entry: str) -> Mapping[str, Setting]:
    """Return the settings that a playbook uses."""
    return {name: setting for name, setting in SETTINGS.items() if entry in setting.used_by}


def _names(text: str) -> frozenset[str]:
    return frozenset(PREFIX + word for word in text.split())


HANDED_ON = _names("result gate")
"""What a job of a workflow hands to the next by ``set_stats``, where it arrives like a setting."""

OWN = _names(
    """
    again closer gathered_again
    settings entry plan gathered asked by_one by_task report result compare read in_force found meminfos whole flat
    trees names saved_trees gate_host gate_plan gate_begun gate_before gate_judged gate_made gate_message gate_service
    gate_freed step_failed rebooted folder import_sysstat import_netdata imported delivery delivered told types posted
    awx_removed
    awx_template awx_workflow awx_node awx_api awx_approval_is awx_same_approval awx_told investigation
    investigated traced investigate_report investigate_these
    """
)
"""What the playbooks and the role set themselves, and nobody else."""

IN_EXAMPLES = _names(
    "act act_hosts changes events not_delivered worse new_critical ticket_lines ticket_text ticket_token ticket_url"
)
"""Variables of examples in the documentation, which people copy."""
