# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of what is made in AWX."""

from __future__ import annotations

from .kinds import Mappings, OneOf, Pairs, Switch, Text, Whole
from .setting import Setting

_URL = Text("an address that begins with http:// or https://", r"https?://\S+")

SETTINGS = (
    Setting("kernel_mem_audit_awx_collection", OneOf(("awx.awx", "ansible.controller")), ("awx",), "whose modules"),
    Setting("kernel_mem_audit_awx_state", OneOf(("present", "absent")), ("awx",), "whether it is made or removed"),
    Setting("kernel_mem_audit_awx_dry_run", Switch(), ("awx",), "whether it is only shown"),
    Setting("kernel_mem_audit_awx_slices", Whole(of="slices"), ("awx",), "how many slices the audit has"),
    Setting("kernel_mem_audit_awx_forks", Whole(of="hosts"), ("awx",), "hosts at a time"),
    Setting("kernel_mem_audit_awx_update_secrets", Switch(), ("awx",), "whether secrets are written again"),
    Setting("kernel_mem_audit_awx_become", Switch(), ("awx",), "whether hosts are asked as root"),
    Setting("kernel_mem_audit_awx_approval_minutes", Whole(of="minutes"), ("awx",), "how long an approval waits"),
    Setting("kernel_mem_audit_awx_variables", Pairs("settings and values"), ("awx",), "settings of the audit"),
    Setting(
        "kernel_mem_audit_awx_history_url",
        Text("an address that begins with postgresql://", r"postgres(ql)?://\S+"),
        ("awx",),
        "the history that slices share",
        secret=True,
    ),
    Setting("kernel_mem_audit_awx_webhook", _URL, ("awx",), "where AWX tells of jobs", secret=True),
    *(
        Setting(f"kernel_mem_audit_awx_{name}", Text("text"), ("awx",), about)
        for name, about in {
            "prefix": "what all names begin with",
            "organization": "the organization",
            "inventory": "the inventory",
            "machine_credential": "the credential of the hosts",
            "project_url": "where the project is",
            "project_branch": "its branch",
            "project_environment": "the execution environment that updates the project",
            "image": "the execution environment of the jobs",
            "limit": "a limit for all jobs",
            "schedule": "when the audit runs",
            "soak_schedule": "when the soak runs",
        }.items()
    ),
    Setting("kernel_mem_audit_awx_names", Pairs("things and their names"), ("awx",), "what the things are called"),
    Setting("kernel_mem_audit_awx_templates", Mappings("job templates"), ("awx",), "the job templates"),
    Setting("kernel_mem_audit_awx_survey", Pairs("a survey"), ("awx",), "what is asked before a job"),
)
