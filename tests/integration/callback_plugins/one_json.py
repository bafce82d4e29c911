# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A callback of somebody else's whose output is one JSON document, as that of ansible.posix.json is.

What it can't show is that collection's own form; what it does is what a word of ours would spoil.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Protocol

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: one_json
type: stdout
short_description: One JSON document
description: [One JSON document at the end.]
"""


class Stats(Protocol):
    """What ansible-core counts."""

    processed: Iterable[str]


class CallbackModule(CallbackBase):
    """Says at the end which hosts there were."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "one_json"

    def v2_playbook_on_stats(self, stats: Stats) -> None:
        """Say it."""
        self._display.display(json.dumps({"hosts": sorted(stats.processed)}))
