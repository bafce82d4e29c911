# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is compared with, and whether it has been changed since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import Attempt
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.reference import (
    is_changed,
    is_there,
    kept_reference,
    of_other_kernel,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    NOON,
    after_look,
    before_look,
    changed_record,
    lost_look,
)


def test_a_look_at_an_older_kernel_is_kept() -> None:
    """Until it is decided that the host is to be changed from where it is now."""
    old, new = before_look(), after_look()
    assert kept_reference(None, new) is new and kept_reference(old, new) is old
    assert kept_reference(old, lost_look())["outcome"] == "unreachable"
    assert of_other_kernel(old, before_look()) is None


@pytest.mark.parametrize(
    ("state", "look", "expected", "is_so"),
    [
        (HostState.CHANGING, {}, None, True),
        (HostState.DRAINED, {"boot_id": "old-boot"}, None, False),
        (HostState.FAILED, {"kernel_release": "5.10.0"}, None, False),
        (HostState.FAILED, {"kernel_release": "5.10.0"}, "5.10.0", True),
        (HostState.CHANGED, {"boot_id": None}, None, False),
        (HostState.BACK, {"kernel_release": "5.10.0"}, None, True),
        (HostState.JUDGED, {"boot_id": "third", "kernel_release": "5.10.0"}, None, True),
        (HostState.ACCEPTED, {}, None, False),
    ],
)
def test_a_host_that_was_changed_is_judged_and_not_changed_again(
    state: HostState, look: dict[str, Any], expected: str | None, is_so: bool
) -> None:
    """Another boot, with another kernel or exactly the wished one; or somebody has seen it back."""
    assert is_changed(replace(changed_record(), state=state), after_look(**look), expected) is is_so


def test_a_host_that_ran_the_wished_kernel_is_judged_again_while_it_does() -> None:
    """It was never changed by the rollout."""
    record = replace(changed_record(), state=HostState.FAILED, attempt=Attempt("r", NOON, "b", "6.12.0 x86_64", True))
    assert is_changed(record, after_look(), None) and not is_changed(record, before_look(), None)


def test_a_wish_that_all_fulfil_says_nothing() -> None:
    """Unless it is one release."""
    assert is_there(after_look(), "6.*", True) and not is_there(after_look(), "6.*", False)
    assert is_there(after_look(), "6.12.0", False) and not is_there(after_look(), None, True)
