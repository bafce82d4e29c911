# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One ssh client process: started, fed, read and ended, bounded in everything.

It has a session of its own: what ssh starts (ProxyJump, ProxyCommand) is ended with it, and no terminal is there where
anybody could be asked.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import IO

from .escalation import Dialogue, Escalation, Step

MOST_OUTPUT_BYTES = 640 * 1024
"""What a host may say on either stream. A reading is a few KiB, and 512 KiB is the most that is read of one."""

KEPT_ERROR_BYTES = 16 * 1024
"""So much of the end of the error stream is kept: the cause stands last."""

_PIECE = 64 * 1024


class End(Enum):
    """How a client came to its end."""

    ENDED = "by itself"
    FLOODED = "it said more than anybody reads"
    LATE = "its time was over"
    SILENT = "it said nothing while it was to become another user"
    WRONG_PASSWORD = "the password for becoming another user was refused"
    MISSING_PASSWORD = "a password for becoming another user is missing"
    INTERRUPTED = "the run was interrupted"
    NOT_STARTED = "it could not be started"


@dataclass(frozen=True, slots=True)
class Call:
    """One host to be asked by one ssh client.

    *program* is its input, *seconds* its whole time, *environment* is its own where it is given a password, *jump*
    stands for the jump host that it goes through. *retries* is how often the user wants a lost connection to be tried
    again, *tries* how often it was, *pause* is waited before it is started.
    """

    host: str
    arguments: Sequence[bytes]
    program: bytes
    seconds: float
    environment: Mapping[str, str] | None = None
    escalation: Escalation | None = None
    jump: bytes = b""
    retries: int = 0
    tries: int = 0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a call. *exit_code* is negative where a signal ended the client."""

    end: End
    exit_code: int
    out: bytes
    err: bytes


class Client:
    """A running ssh client. Its descriptors are registered with *selector*, each with the client as data."""

    def __init__(self, call: Call, selector: selectors.BaseSelector) -> None:
        self.call = call
        self._selector = selector
        self._out, self._err = bytearray(), bytearray()
        self._heard_bytes = {"out": 0, "err": 0}
        self._left = memoryview(call.program)
        self._dialogue = Dialogue(call.escalation) if call.escalation else None
        now = time.monotonic()
        self._latest_end, self._heard_at = now + call.seconds, now
        self._process = subprocess.Popen(
            list(call.arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if call.environment is None else dict(call.environment),
            bufsize=0,
            start_new_session=True,
        )
        self._watched: dict[int, str] = {}
        self._exit: int | None = None
        try:
            self._files = dict(zip(("in", "out", "err"), (file.fileno() for file in self._pipes()), strict=True))
            for number in self._files.values():
                os.set_blocking(number, False)
            for name in ("out", "err", *(() if self._dialogue else ("in",))):
                self._watch(self._files[name], name)
            self._exit = self._exit_descriptor()
        except BaseException:
            self.close(End.NOT_STARTED)
            raise

    def ready(self, number: int) -> End | None:
        """Do what a descriptor is ready for; return an end once there is one."""
        name = self._watched.get(number)
        if name is None:
            return None
        if name == "in":
            self._send()
            return None
        if name == "exit":
            return self._ended()
        return self._read(name)

    def look(self, now: float) -> End | None:
        """Return an end that no descriptor tells: the time is over, or the process is gone."""
        if self._exit is None and self._is_gone():
            return self._ended()
        if now > self._latest_end:
            return End.LATE
        if self._dialogue and now > self._heard_at + self._dialogue.escalation.silent_seconds:
            return End.SILENT
        return None

    def close(self, end: End) -> Said:
        """End the process with all that it started, give everything back, and return what it said."""
        # Before it is waited for, so that its number can't belong to another group by now.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for number in list(self._watched):
            self._forget(number)
        if self._exit is not None:
            os.close(self._exit)
        for file in self._pipes():
            file.close()
        exit_code = self._process.wait()
        if self._dialogue:
            self._out += self._dialogue.rest("out")
            self._err += self._dialogue.rest("err")
        return Said(end, exit_code, bytes(self._out), bytes(self._err))

    def _pipes(self) -> list[IO[bytes]]:
        process = self._process
        return [pipe for pipe in (process.stdin, process.stdout, process.stderr) if pipe is not None]

    def _exit_descriptor(self) -> int | None:
        """Return a descriptor that is ready when the process has ended; not every system has that."""
        try:
            number = os.pidfd_open(self._process.pid)
        except (AttributeError, OSError):
            return None
        self._watch(number, "exit")
        return number

    def _is_gone(self) -> bool:
        # Without taking its exit code, so that its group can still be ended by its number.
        try:
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except AttributeError:
            return self._process.poll() is not None

    def _watch(self, number: int, name: str) -> None:
        self._watched[number] = name
        self._selector.register(number, selectors.EVENT_WRITE if name == "in" else selectors.EVENT_READ, self)

    def _forget(self, number: int) -> None:
        if self._watched.pop(number, None) is not None:
            self._selector.unregister(number)

    def _send(self) -> None:
        try:
            self._left = self._left[os.write(self._files["in"], self._left[:_PIECE]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._left = self._left[:0]
        if not self._left:
            self._forget(self._files["in"])
            self._pipes()[0].close()

    def _read(self, name: str) -> End | None:
        """Take one piece of what is there."""
        try:
            piece = os.read(self._files[name], _PIECE)
        except BlockingIOError:
            return None
        if not piece:
            self._forget(self._files[name])
            return None
        self._heard_at = time.monotonic()
        return self._take(name, piece)

    def _take(self, name: str, piece: bytes) -> End | None:
        self._heard_bytes[name] += len(piece)
        if self._heard_bytes[name] > MOST_OUTPUT_BYTES:
            return End.FLOODED
        step = Step.WAIT
        if self._dialogue:
            piece, step = self._dialogue.hear(name, piece)
        if name == "out":
            self._out += piece
        else:
            self._err += piece
            del self._err[:-KEPT_ERROR_BYTES]
        return self._follow(step)

    def _follow(self, step: Step) -> End | None:
        if step is Step.GIVE_PASSWORD and self._dialogue:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._files["in"], self._dialogue.escalation.password + b"\n")
        elif step is Step.SEND and self._dialogue:
            self._out += self._dialogue.rest("out")
            self._err += self._dialogue.rest("err")
            self._dialogue = None
            self._watch(self._files["in"], "in")
        elif step is Step.WRONG_PASSWORD:
            return End.WRONG_PASSWORD
        elif step is Step.MISSING_PASSWORD:
            return End.MISSING_PASSWORD
        return None

    def _ended(self) -> End:
        """The process is gone: take what it left in its pipes, which some child of it may still hold open."""
        for name in ("out", "err"):
            while self._files[name] in self._watched:
                try:
                    piece = os.read(self._files[name], _PIECE)
                except BlockingIOError:
                    break
                if not piece:
                    break
                end = self._take(name, piece)
                if end is not None:
                    return end
        return End.ENDED
