# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that stands still at the second FIXED_CLOCK, for every Python that starts with this folder in PYTHONPATH.

Python imports a module of this name by itself at its start, before anything has asked for the time.
``time.monotonic`` goes on, so that timeouts work.
"""

from __future__ import annotations

import datetime
import os
import time
from typing import Any

NOW = float(os.environ["FIXED_CLOCK"])
TICKING = datetime.datetime


class LikeTicking(type):
    """What is a datetime of the standard library is one of ours, so that nobody who asks sees a difference."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, TICKING)

    def __subclasscheck__(cls, other: type) -> bool:
        return issubclass(other, TICKING)


class Standing(TICKING, metaclass=LikeTicking):
    """A datetime that knows one moment."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        """That moment, of the standard library's own class, which others compare types with."""
        return TICKING.fromtimestamp(NOW, tz)


vars(datetime)["datetime"] = Standing
time.time = lambda: NOW
