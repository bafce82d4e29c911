# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that is no more."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import Holder


@pytest.fixture(scope="session")
def gone() -> Holder:
    """A process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    holder = Holder.of(ended.pid)
    ended.wait()
    return holder
