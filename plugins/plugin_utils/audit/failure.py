# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run counts as failed by what its audit found."""

from __future__ import annotations

from collections.abc import Sequence

from .audit import Audit

FAIL_ON = ("critical", "warning", "unknown")


def failure(audit: Audit, fail_on: Sequence[str]) -> str | None:
    """Return the sentence with which the run fails by *fail_on*, or None.

    A host that shares its kernel with another that was judged is no missing data.
    """
    everyone = audit.counts.all
    missing = sum(host.is_silent for host in audit.hosts)
    found = {"critical": everyone.critical, "warning": everyone.warning, "unknown": missing}
    words = {"critical": "critical", "warning": "at warning", "unknown": "without data"}
    broken = [name for name in FAIL_ON if name in fail_on and found[name]]
    reasons = [
        f"{found[name]} of {everyone.total} hosts {'is' if found[name] == 1 else 'are'} {words[name]}"
        for name in broken
    ]
    if not reasons:
        return None
    return (
        f"The audit was made, and fails as kernel_mem_audit_fail_on ({', '.join(fail_on)}) demands: "
        f"{'; '.join(reasons)}."
    )
