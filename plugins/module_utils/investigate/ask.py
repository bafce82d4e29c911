# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One question to a host and its answer: a JSON document between two marks on standard output.

This file is sent to hosts as source, as the last of its folder.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import signal
import sys

from .files import Host
from .look import look, machine
from .trace import trace
from .watch import watch


def _late(_number, _frame):
    raise RuntimeError("deadline")


def ask(request):
    """Return what a host says to one request: ``question`` is ``watch``, ``look`` or ``trace``.

    A second after its deadline an alarm ends it, so that a file that does not answer can't hold it. Raises
    :class:`RuntimeError` on a host that is not Linux, and in check mode where something would be traced.
    """
    if os.uname()[0] != "Linux":
        raise RuntimeError("not Linux")
    if request["question"] == "trace" and request.get("check_mode"):
        raise RuntimeError("check mode")
    host = Host(seconds=request["deadline"])
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(int(request["deadline"]) + 1)
    try:
        question = request["question"]
        if question == "watch":
            answer = watch(host, request["windows"], request["seconds"])
            answer["machine"] = machine(host)
        elif question == "look":
            answer = look(host, request["wanted"])
        else:
            answer = trace(host, request)
    finally:
        signal.alarm(0)
    answer["errors"] = host.errors
    answer["python"] = sys.version.split(None, 1)[0]
    answer["question"] = question
    return answer


def main(mark, request):
    """Answer *request* on standard output between marks that the controller chose for this call alone."""
    try:
        result = {"reading": ask(request)}
    except Exception:
        error = sys.exc_info()[1]
        result = {"error": "%s: %s" % (type(error).__name__, error)}
    rest = ("\n<<%s\n%s\n%s>>\n" % (mark, json.dumps(result), mark)).encode("ascii")
    while rest:
        rest = rest[os.write(1, rest) :]
