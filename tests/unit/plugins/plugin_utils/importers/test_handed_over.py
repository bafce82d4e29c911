# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task of a host hands over comes back as it was, and anything else is refused."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.handed_over import from_text, to_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import Point, daily_samples


def test_samples_come_back_as_they_were() -> None:
    """Whatever a tool knows, and nothing more."""
    counters = {"kernel_stack": 4096, "vmalloc_used": 9000, "memory_total": 10**9}
    samples = daily_samples([Point("web1", 1000.0, counters, 10.0, "6.1.0", "x86_64"), Point("web1", 90_000.0, {})])
    assert from_text("web1", to_text(samples)) == samples


@pytest.mark.parametrize("text", ["{}", "[1]", "[[1, 2]]", '[["x", {}, {}]]', "", "[[1, {}, []]]"])
def test_anything_else_is_refused(text: str) -> None:
    """A variable of another task is easily named."""
    with pytest.raises(ValueError, match=r"what the operation read returns"):
        from_text("web1", text)
