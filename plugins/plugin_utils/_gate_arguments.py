# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_gate. A test holds them equal to the documentation."""

from __future__ import annotations

from typing import Any

from ..module_utils.collect.arguments import TRANSPORTS

LOOKING = ("look", "before", "touch", "drained", "changed", "after", "step_failed", "served")
"""Phases that run on each host."""
DECIDING = ("reset", "plan", "begin", "decide_before", "batch", "service", "check", "soak", "free")
"""Phases that run once, on the controller, and open no connection."""

JUDGING = ("decide_before", "batch", "check", "soak")
"""Those of them that ask what the audit says of hosts, with their history."""


def gate_argument_spec() -> dict[str, dict[str, Any]]:
    """Return the argument specification of kernel_memory_gate."""
    return {
        "phase": {"type": "str", "required": True, "choices": [*LOOKING, *DECIDING]},
        "rollout": {"type": "str", "default": "rollout"},
        "gate_dir": {"type": "str", "default": "gate"},
        "run_id": {"type": "str"},
        "policy": {"type": "raw"},
        "history": {"type": "str"},
        "expected_kernel": {"type": "str"},
        "override": {"type": "str"},
        "within_days": {"type": "float", "default": 30.0},
        "junit": {"type": "str"},
        "message": {"type": "str"},
        "minimum_hosts": {"type": "int", "default": 1},
        "hosts_pattern": {"type": "raw"},
        "drains": {"type": "bool", "default": False},
        "serves": {"type": "bool", "default": False},
        "transport": {"type": "str", "choices": list(TRANSPORTS), "default": "auto"},
        "proc_root": {"type": "str", "default": "/proc"},
        "sys_root": {"type": "str", "default": "/sys"},
        "deadline": {"type": "int", "default": 5},
        "audit_environment": {"type": "str"},
    }
