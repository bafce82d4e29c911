# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_merge and kernel_memory_compare. A test holds them equal to the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .audit.audit import Audit
from .audit.comparison import Comparison
from .audit.failure import FAIL_ON, failure
from .outputs.write import JUNIT_WARNINGS

COMPARE_FAIL_ON = ("worse", "data_lost")

Specification = dict[str, dict[str, Any]]


def merge_argument_spec() -> Specification:
    """Return the argument specification of kernel_memory_merge."""
    return {
        "inputs": {"type": "list", "elements": "str", "required": True},
        "report_dir": {"type": "str"},
        "outputs": {"type": "list", "elements": "str", "default": ["audit.json", "report.html", "hosts.csv"]},
        "output_names": {"type": "dict", "default": {}},
        "junit_warnings": {"type": "str", "choices": list(JUNIT_WARNINGS), "default": "pass"},
        "report_mode": {"type": "str"},
        "latest": {"type": "bool", "default": False},
        "keep_reports": {"type": "int"},
        "policy": {"type": "raw"},
        "spool_run_id": {"type": "str"},
        "run_id": {"type": "str"},
        "expected_slices": {"type": "int"},
        "expected_hosts": {"type": "list", "elements": "str", "default": []},
        "fail_on": {"type": "list", "elements": "str", "choices": list(FAIL_ON), "default": []},
    }


def compare_argument_spec() -> Specification:
    """Return the argument specification of kernel_memory_compare."""
    return {
        "before": {"type": "str", "required": True},
        "after": {"type": "str", "required": True},
        "dest": {"type": "str"},
        "fail_on": {"type": "list", "elements": "str", "choices": list(COMPARE_FAIL_ON), "default": []},
    }


def merge_failure(audit: Audit, fail_on: Sequence[str]) -> str | None:
    """Return the sentence with which a merge fails by *fail_on*, or None. A missing input is missing data, whatever
    its hosts are.
    """
    failed = failure(audit, fail_on)
    if failed is None and "unknown" in fail_on and audit.decision.decision == "inconclusive":
        return (
            f"The merged audit was made, and fails as fail_on ({', '.join(fail_on)}) demands: "
            f"{' '.join(audit.decision.reasons)}"
        )
    return failed


def compare_failure(comparison: Comparison, fail_on: Sequence[str]) -> str | None:
    """Return the sentence with which a comparison fails by *fail_on*, or None. Information never makes it fail."""
    worse = any(change.severity != "info" for change in (*comparison.worse, *comparison.appeared))
    broken = {
        name
        for name, found in (
            ("worse", worse or bool(comparison.hosts_added_in_trouble)),
            ("data_lost", bool(comparison.data_lost)),
        )
        if found
    }
    if not broken & set(fail_on):
        return None
    return f"The comparison was made, and fails as fail_on ({', '.join(fail_on)}) demands: {comparison.sentence}."
