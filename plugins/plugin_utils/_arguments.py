# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_plan and kernel_memory_report. A test holds them equal to the documentation."""

from __future__ import annotations

from typing import Any

from .audit.closer_look import MOST_HOSTS
from .audit.failure import FAIL_ON
from .audit.slices import SOURCES, SPOOL
from .fanout.choice import AUTO, GATHER
from .fanout.options import KEY_EXCHANGES, UNCHANGED
from .outputs.write import JUNIT_WARNINGS

Specification = dict[str, dict[str, Any]]


def shared_argument_spec() -> Specification:
    """Return what both take: they are checked when the run is planned, before any host is touched, and used by the
    report.
    """
    return {
        "policy": {"type": "raw"},
        "outputs": {"type": "list", "elements": "str", "default": ["audit.json", "report.html", "hosts.csv"]},
        "fail_on": {"type": "list", "elements": "str", "choices": list(FAIL_ON), "default": []},
        "minimum_hosts": {"type": "int", "default": 1},
        "history": {"type": "str"},
        "output_names": {"type": "dict", "default": {}},
        "junit_warnings": {"type": "str", "choices": list(JUNIT_WARNINGS), "default": "pass"},
        "report_mode": {"type": "str"},
    }


def plan_argument_spec() -> Specification:
    """Return the argument specification of kernel_memory_plan."""
    return {
        **shared_argument_spec(),
        "hosts_pattern": {"type": "raw"},
        "run_id": {"type": "str"},
        "report_dir": {"type": "str"},
        "spool": {"type": "str"},
        "gathers": {"type": "bool", "default": True},
        "gather": {"type": "str", "choices": list(GATHER), "default": AUTO},
        "at_once": {"type": "int", "default": 50},
        "key_exchange": {"type": "str", "choices": list(KEY_EXCHANGES), "default": UNCHANGED},
        "resume": {"type": "str"},
    }


def gather_argument_spec() -> Specification:
    """Return the argument specification of kernel_memory_gather."""
    return {
        "run_id": {"type": "str", "required": True},
        "spool": {"type": "str", "required": True},
        "at_once": {"type": "int", "default": 50},
        "key_exchange": {"type": "str", "choices": list(KEY_EXCHANGES), "default": UNCHANGED},
    }


def saved_argument_spec() -> Specification:
    """Return the argument specification of kernel_memory_saved."""
    return {
        "path": {"type": "str", "required": True},
        "history": {"type": "str"},
        "deadline": {"type": "int", "default": 5},
    }


def closer_look_argument_spec() -> Specification:
    """Return the argument specification of kernel_memory_closer_look."""
    return {
        "run_id": {"type": "str", "required": True},
        "spool": {"type": "str", "required": True},
        "policy": {"type": "raw"},
        "history": {"type": "str"},
        "at_most": {"type": "int", "default": MOST_HOSTS},
    }


def report_argument_spec() -> Specification:
    """Return the argument specification of kernel_memory_report."""
    return {
        **shared_argument_spec(),
        "run_id": {"type": "str", "required": True},
        "started_at": {"type": "str"},
        "report_dir": {"type": "str", "required": True},
        "spool": {"type": "list", "elements": "str", "required": True},
        "results": {"type": "str", "default": "kernel_mem_audit_gathered"},
        "latest": {"type": "bool", "default": False},
        "keep_reports": {"type": "int"},
        "records": {"type": "str", "choices": list(SOURCES), "default": SPOOL},
        "keep_records": {"type": "bool"},
    }
