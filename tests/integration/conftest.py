# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for runs of real playbooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import SAMPLES, Ansible


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible in an empty folder."""
    return Ansible(tmp_path)


@pytest.fixture
def saved_host() -> Path:
    """The saved /proc and /sys of a busy 24 GiB host on kernel 6.18."""
    return SAMPLES / "6.18-host"
