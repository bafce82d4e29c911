# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Becoming another user on a host: the talk with sudo or su before the program may be sent.

Password and program travel on one input, so neither is sent before it is asked for: sudo would take the program for a
password, a shell the password for a program. What to look for is known to Ansible's become plugin; the states are
those of Ansible's ssh plugin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

_DEBUG_LINE = re.compile(rb"debug\d+: ")


class Become(Protocol):
    """What is needed of a become plugin."""

    name: str

    def expect_prompt(self) -> bool:
        """Return whether it asks for a password at all."""

    def check_password_prompt(self, b_output: bytes) -> bool:
        """Return whether the output asks for the password."""

    def check_success(self, b_output: bytes) -> bool:
        """Return whether the output says that it worked."""

    def check_incorrect_password(self, b_output: bytes) -> bool:
        """Return whether the output says that the password is wrong."""

    def check_missing_password(self, b_output: bytes) -> bool:
        """Return whether the output says that a password is missing."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """How another user becomes one. *silent_seconds* is how long the host may say nothing meanwhile."""

    become: Become
    password: bytes
    silent_seconds: float


class Step(Enum):
    """What to do after the host has said something."""

    WAIT = "wait"
    GIVE_PASSWORD = "give the password"
    SEND = "send the program"
    WRONG_PASSWORD = "the password is wrong"
    MISSING_PASSWORD = "a password is missing"


class Dialogue:
    """One talk, from the start of the command to the moment when the program may be sent."""

    def __init__(self, escalation: Escalation) -> None:
        self.escalation = escalation
        self._password_given = False
        self._heard: set[str] = set()
        self._unfinished = {"out": b"", "err": b""}

    def hear(self, stream: str, piece: bytes) -> tuple[bytes, Step]:
        """Take what came on *stream* (``out`` or ``err``); return what of it is no part of the talk, and what to do."""
        kept = [line for line in (self._unfinished[stream] + piece).splitlines(True) if not self._is_ours(line)]
        # A prompt has no end of line, so an unfinished line is looked at, too, and again with what follows.
        self._unfinished[stream] = kept.pop() if kept and not kept[-1].endswith(b"\n") else b""
        return b"".join(kept), self._step()

    def rest(self, stream: str) -> bytes:
        """Return the unfinished line, once nothing follows or the talk is over."""
        left, self._unfinished[stream] = self._unfinished[stream], b""
        return left

    def _is_ours(self, line: bytes) -> bool:
        become = self.escalation.become
        if _DEBUG_LINE.match(line):
            return False
        if become.expect_prompt() and become.check_password_prompt(line):
            self._heard.add("prompt")
            return True
        if become.check_success(line):
            self._heard.add("success")
            return True
        if become.check_incorrect_password(line):
            self._heard.add("wrong")
        elif become.check_missing_password(line):
            self._heard.add("missing")
        return False

    def _step(self) -> Step:
        heard, self._heard = self._heard, set()
        if "success" in heard:
            return Step.SEND
        if "prompt" in heard and not self._password_given and self.escalation.become.expect_prompt():
            self._password_given = True
            return Step.GIVE_PASSWORD
        if "wrong" in heard or ("prompt" in heard and self._password_given):
            return Step.WRONG_PASSWORD
        if "missing" in heard:
            return Step.MISSING_PASSWORD
        return Step.WAIT
