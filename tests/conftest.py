# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every test: the same surroundings, and a limit of its time."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers, settle
from ansible_collections.fleetaudit.kernel_memory.tests.support.time_limit import TimeLimit

# The name is short, since Ansible makes sockets below it.
HOME = place_for_servers("home-")
settle(Path(HOME.name))
# nohup, and a shell that starts something in the background, leave them ignored; every program inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
for ignored in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(ignored, signal.SIG_DFL)


def pytest_configure(config: pytest.Config) -> None:
    """Set the limits, and say what marks mean."""
    config.addinivalue_line("markers", "limit(seconds): more time than is usual, for a test that does much")
    config.addinivalue_line("markers", "once: of our own code alone and costly, so not run on the oldest core, too")
    config.pluginmanager.register(TimeLimit(), "time-limit")


def pytest_unconfigure() -> None:
    """Remove the home."""
    HOME.cleanup()
