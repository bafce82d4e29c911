# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of gates and rollouts."""

from __future__ import annotations

from .kinds import Number, OneOf, Text, Whole
from .setting import FREE, GATES, Setting

_PATH = Text("a path", r".+")
_NAME = Text("a name", r".+")

SETTINGS = (
    Setting(
        "kernel_mem_audit_gate_phase",
        OneOf(("check", "before", "after", "soak")),
        ("gate",),
        "what is decided",
        before_hosts=True,
    ),
    Setting(
        "kernel_mem_audit_phase",
        OneOf(("before", "after", "batch", "check", "soak")),
        ("gate",),
        "what the role's entry point `gate` does",
    ),
    Setting("kernel_mem_audit_rollout", _NAME, (*GATES, FREE), "the name of the rollout"),
    Setting("kernel_mem_audit_gate_dir", _PATH, (*GATES, FREE), "the folder with the state of all rollouts"),
    Setting(
        "kernel_mem_audit_expected_kernel",
        Text("a kernel release, with * and ? as wild cards", r"\S+"),
        GATES,
        "the kernel that hosts must come back with",
    ),
    Setting("kernel_mem_audit_override", Text("the reason in words", r".+"), GATES, "lets a stopped rollout go on"),
    Setting(
        "kernel_mem_audit_free_reason",
        Text("the reason in words", r".+"),
        (FREE,),
        "how you know that the run is gone whose hosts are freed",
    ),
    Setting("kernel_mem_audit_within_days", Number("days"), ("gate",), "how far back a soak looks"),
    Setting("kernel_mem_audit_junit", _PATH, GATES, "a file for the decision as JUnit XML"),
    Setting("kernel_mem_audit_upgrade_tasks", _PATH, ("rolling_upgrade",), "the hook that upgrades a host"),
    Setting("kernel_mem_audit_drain_tasks", _PATH, ("rolling_upgrade",), "the hook before the change"),
    Setting("kernel_mem_audit_undrain_tasks", _PATH, ("rolling_upgrade",), "the hook after the gate"),
    Setting("kernel_mem_audit_reboot_tasks", _PATH, ("rolling_upgrade",), "the hook that reboots a host"),
    Setting(
        "kernel_mem_audit_reboot_timeout",
        Whole(of="seconds"),
        ("rolling_upgrade",),
        "how long a reboot may take",
        each_host=True,
    ),
    Setting(
        "kernel_mem_audit_hook_timeout",
        Whole(of="seconds"),
        ("rolling_upgrade",),
        "how long each task of a hook may take",
        each_host=True,
    ),
)
