# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables that a run was given: whether their names are ours, and whether they come in time."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

PREFIX = "kernel_mem_audit_"
HOSTS_VARIABLE = f"{PREFIX}hosts"
_NEAR = 0.8

KNOWN = frozenset(
    """
    act act_hosts asked at_once awx awx_api awx_approval awx_approval_is awx_approval_minutes awx_become
    awx_collection awx_dry_run awx_forks awx_history_url awx_image awx_inventory awx_limit awx_machine_credential
    awx_names awx_node awx_organization awx_prefix awx_project_branch awx_project_environment awx_project_url
    awx_removed awx_rollout_nodes awx_rollout_settings awx_same_approval awx_schedule awx_slices awx_soak_schedule
    awx_state awx_survey awx_template awx_templates awx_told awx_update_secrets awx_variables awx_webhook
    awx_workflow bucket bucket_endpoint bucket_prefix by_one by_task changes compare compare_after compare_before
    compare_dest compare_fail_on deadline drain_tasks environment events expected_kernel facts fail_on folder found
    from gate gate_before gate_begun gate_dir gate_host gate_judged gate_made gate_message gate_phase gate_plan
    gate_service gather gather_subset gathered history hook_timeout hosts import_days import_files import_host
    import_names import_own_url import_source import_sysstat import_url in_force investigate_bundle investigate_busy
    investigate_dimensions investigate_healthy investigate_hosts investigate_outputs investigate_pseudonyms
    investigate_report investigate_these investigate_transport investigate_window investigate_windows investigated
    investigation junit junit_warnings keep_records keep_reports key_exchange latest mail_from mail_host mail_port
    mail_to mail_when merge merge_expect_inventory merge_expected_slices merge_inputs merge_spool_run_id
    minimum_hosts names new_critical output_names outputs override phase plan policy posted proc_root read
    reboot_tasks reboot_timeout rebooted records report report_dir result resume rollout run_id saved saved_trees
    serial spool step_failed sys_root textfile_folder textfile_host ticket_lines ticket_text ticket_token ticket_url
    timeout trace trace_always trace_hosts trace_load trace_seconds traced transport trees types undrain_tasks
    undrained upgrade_tasks web_folder web_host web_mode webhook webhook_link webhook_timeout within_days worse
    """.split()
)
"""What the playbooks, the role and the guides name, without the prefix. A test holds this list against them."""


def check_names(given: Iterable[str]) -> None:
    """Raise ValueError where a variable is nearly one of ours: it would do nothing, without a word.

    What is far from all of them may be a variable of the user's own.
    """
    problems = []
    for name in sorted(given):
        word = name.removeprefix(PREFIX)
        if word == name or word in KNOWN:
            continue
        near = difflib.get_close_matches(word[:64], sorted(KNOWN), n=1, cutoff=_NEAR)
        if near:
            problems.append(f"{name[:120]} is no variable of this collection; did you mean {PREFIX}{near[0]}?")
    if problems:
        raise ValueError(" ".join(problems))


def check_hosts_in_time(seen: object, in_time: object) -> None:
    """Raise ValueError where the pattern of hosts that a task sees is not the one that ``hosts:`` of a play saw, which
    is read before any variable of the inventory.
    """
    if seen is None or seen == in_time:
        return
    raise ValueError(
        f"{HOSTS_VARIABLE} is set in the inventory, in group_vars or in host_vars, where Ansible reads it too late to "
        f"choose hosts; take it from there and give it on the command line: -e {HOSTS_VARIABLE}=PATTERN."
    )
