# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One at a time on this machine: tests that leak would find each other's leaks, also those of another clone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED = Path("/tmp")
"""Where all see the same file, whatever temporary folder each run of the tests has."""


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Wait until nobody else holds *name*, whoever that is, and hold it."""
    path = SHARED / f"kernel-memory-tests-{name}.lock"
    try:
        # Another user's file in a sticky folder may be read, and not be opened to be made.
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        number = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
