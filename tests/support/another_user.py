# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do something as another user, in a child that is forked.

A fork has all of its code already: the other user need not be able to read the checkout or this Python, which may lie
in a closed home. A program that is started would have to. So whatever the child is to do must have been imported.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

NOBODY = 65534
SET_DUMPABLE = 4
LIBC = ctypes.CDLL(None, use_errno=True)


class NotAllowed(Exception):
    """This machine does not let the child do what the test needs."""


def be_nobody() -> None:
    """Become a user without any right or group."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    # A program that this user starts owns its own /proc/self; a process that has changed its user does not, unless
    # told.
    LIBC.prctl(SET_DUMPABLE, 1, 0, 0, 0)


def be_nobody_if_root() -> None:
    """Become that user where one has more rights than others, and stay who one is otherwise."""
    if os.geteuid() == 0:
        be_nobody()


def result_after(prepare: Callable[[], object], work: Callable[[], Any]) -> Any:
    """Fork, prepare, work, and return what *work* gave, which is plain data. Raises what went wrong in the child."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        answer: dict[str, Any] = {}
        try:
            prepare()
            answer["result"] = work()
        except NotAllowed as error:
            answer["not_allowed"] = str(error)
        except BaseException:
            answer["failed"] = traceback.format_exc()
        finally:
            with os.fdopen(writer, "w") as handle:
                json.dump(answer, handle)
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as handle:
        text = handle.read()
    os.waitpid(child, 0)
    answer = json.loads(text or '{"failed": "the child said nothing"}')
    if "not_allowed" in answer:
        raise NotAllowed(answer["not_allowed"])
    assert "failed" not in answer, answer["failed"]
    return answer["result"]
