# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks of which a test gives only the kinds that it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.stack import PACKED, Stack


def stack_of(amounts: Mapping[str, Sequence[int | None]], samples: int) -> Stack:
    """Return the stack of amounts by kind; nothing is known of a kind that is not among them."""
    nothing: Sequence[int | None] = [None] * samples
    return Stack.of([amounts.get(kind, nothing) for kind in PACKED])
