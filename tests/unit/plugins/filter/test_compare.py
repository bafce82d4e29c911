# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter compare is the pure comparison, with clear errors."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.fleetaudit.kernel_memory.plugins.filter.compare import FilterModule
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB, healthy_facts

compare = FilterModule().filters()["compare"]
BEFORE = healthy_facts(boot_id="old", kernel_release="5.10.0", uptime_seconds=900_000)
AFTER = healthy_facts(boot_id="new", uptime_seconds=600, slab_unreclaimable_bytes=900 * MIB)


def test_more_slab_is_seen() -> None:
    """With the default noise, and with one that is larger."""
    assert compare(BEFORE, AFTER)["dimensions"]["slab_unreclaimable"]["outcome"] == "more"
    assert compare(BEFORE, AFTER, noise_at_least="1 GiB")["dimensions"]["slab_unreclaimable"]["outcome"] == "same"


def test_earlier_boots_give_equal_uptime() -> None:
    """Facts as they were gathered then."""
    past = healthy_facts(
        boot_id="past", kernel_release="5.10.0", uptime_seconds=650, slab_unreclaimable_bytes=880 * MIB
    )
    assert compare(BEFORE, AFTER, earlier=[past])["dimensions"]["slab_unreclaimable"]["basis"] == "equal_uptime"


@pytest.mark.parametrize(
    ("before", "after", "more"), [({}, AFTER, {}), (BEFORE, None, {}), (BEFORE, AFTER, {"noise_at_least": "64 MB"})]
)
def test_wrong_input_is_one_sentence(before: Any, after: Any, more: dict[str, Any]) -> None:
    """That names the filter."""
    with pytest.raises(AnsibleFilterError, match="compare: "):
        compare(before, after, **more)
