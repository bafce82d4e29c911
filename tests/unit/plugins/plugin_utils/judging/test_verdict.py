# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: what findings come to, and what it stands on."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import coverage_text


def test_coverage_in_words():
    assert coverage_text(["percpu"], {"kernel_stack.a": "x", "kernel_unreclaimable": "y"}) == (
        "1 of 7 dimensions judged, without 2 further checks"
    )
