# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is compared with after its change, and whether it has been changed since."""

from __future__ import annotations

from fnmatch import fnmatchcase

from .before_after import is_exact, kernel_of
from .host_record import HostRecord, Look, is_facts
from .host_state import HostState


def kept_reference(kept: Look | None, one: Look) -> Look:
    """Return the look to keep as the reference: one at another kernel that was kept before, else this one."""
    older = of_other_kernel(kept, one) if is_facts(one) else None
    return one if older is None else older


def of_other_kernel(kept: Look | None, one: Look) -> Look | None:
    """Return the look that was kept from before, where it is one at another kernel."""
    if kept is None or not is_facts(kept) or kernel_of(kept["facts"]) == kernel_of(one["facts"]):
        return None
    return kept


def is_changed(record: HostRecord, one: Look, expected: str | None) -> bool:
    """Return whether a host that was touched before has been changed since, and so is to be judged and not touched.

    One that was seen back is. Else another boot than that from which it was changed, with another kernel or exactly the
    wished one, is enough.
    """
    attempt = record.attempt
    if not record.state.is_touched or attempt is None or not is_facts(one):
        return False
    if record.state in (HostState.BACK, HostState.JUDGED):
        return True
    boot, kernel = one["facts"]["host"]["boot_id"], kernel_of(one["facts"])
    if attempt.was_there:
        return kernel == attempt.kernel
    before = record.reference
    if before is not None and is_facts(before):
        old_boot, old_kernel = before["facts"]["host"]["boot_id"], kernel_of(before["facts"])
    else:
        old_boot, old_kernel = attempt.boot_id, attempt.kernel
    if boot is None or boot == old_boot:
        return False
    return bool(kernel != old_kernel or (is_exact(expected) and one["facts"]["host"]["kernel_release"] == expected))


def is_there(one: Look, expected: str | None, divides: bool) -> bool:
    """Return whether a host that the rollout has not touched runs the wished kernel already.

    A wish with wildcards that every host fulfils says nothing: the kernel to come may fulfil it just as the old one.
    """
    if expected is None or not is_facts(one) or not (divides or is_exact(expected)):
        return False
    return fnmatchcase(one["facts"]["host"]["kernel_release"] or "", expected)
