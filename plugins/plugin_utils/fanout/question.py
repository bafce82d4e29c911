# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one host is asked, and what its words mean.

It is the program and the reading of the answer that a task of its own would use, so facts and outcomes are the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...module_utils.account.facts import build_facts
from ..run.outcome import INTERRUPTED, NOT_IN_TIME, GatheringError, ending, failure, with_origin
from ..transport import lean as _lean
from ..transport import shell as _shell
from ..transport.choice import SHELL, first_transport, next_transport
from .client import MOST_OUTPUT_BYTES, End, Said

SSH_FAILED = 255


@dataclass(frozen=True, slots=True)
class OrdinaryWay:
    """A host can't be asked by an ssh client of ours; *reason* says why, for the report."""

    reason: str


@dataclass(frozen=True, slots=True)
class Question:
    """What one host is asked. *by* is ``lean`` or ``shell``; *why* says why it is not the first choice."""

    transport: str
    by: str
    candidates: Sequence[str]
    proc_root: str
    sys_root: str
    deadline: int
    subsets: Mapping[str, str]
    nonce: str
    why: str | None = None

    @classmethod
    def first(
        cls,
        transport: str,
        candidates: Sequence[str],
        proc_root: str,
        sys_root: str,
        deadline: int,
        subsets: Mapping[str, str],
    ) -> Question:
        """Return the question that a host is asked first."""
        by = first_transport(transport)
        return cls(transport, by, candidates, proc_root, sys_root, deadline, subsets, secrets.token_hex(8))

    def command(self) -> str:
        """Return the command for the host's shell, which runs the program on its standard input."""
        return _shell.COMMAND if self.by == SHELL else _lean.command_for_input(self.candidates, self.nonce)

    def program(self) -> bytes:
        """Return the program. Raises ValueError for a root that it can't hold."""
        make = _shell.shell_program if self.by == SHELL else _lean.program
        text = make(self.nonce, self.proc_root, self.sys_root, self.deadline, self.subsets)
        return text.encode("utf-8", "surrogateescape")

    def by_shell(self, why: str) -> Question:
        """Return the question for a host without Python."""
        return replace(self, by=SHELL, nonce=secrets.token_hex(8), why=why)

    def understood(
        self, said: Said, run_id: str, *, become: str = "", password_sent: bool = False, through_jump: bool = False
    ) -> dict[str, object] | GatheringError | OrdinaryWay | Question:
        """Return what a host's words come to: facts, why there are none, a second question, or that it must be asked
        the ordinary way.

        *become* is the name of the become plugin, *password_sent* says that ssh had a password to give, *through_jump*
        that it went through a jump host.
        """
        problem = _early_end(said, become)
        if problem is not None:
            return problem
        out, err = (text.decode("utf-8", "surrogateescape") for text in (said.out, said.err))
        answer = self._answer(out, err, said.exit_code)
        if answer.outcome == "needs_tty":
            return OrdinaryWay("sudo on the host demands a terminal")
        if next_transport(self.transport, self.by, answer.outcome) == SHELL:
            return self.by_shell(answer.message)
        if answer.reading is None:
            if said.exit_code < 0:
                return failure("unreachable", f"ssh was ended by signal {-said.exit_code}. {err}")
            unreached = said.exit_code == SSH_FAILED
            return failure(
                "unreachable" if unreached else answer.outcome,
                err or out if unreached else answer.message,
                password_sent=password_sent,
                through_jump=through_jump,
            )
        return self._facts(answer.reading, run_id)

    def _answer(self, out: str, err: str, exit_code: int) -> _lean.Answer:
        if self.by == SHELL:
            return _shell.read_answer(self.nonce, out, err, exit_code)
        return _lean.read_answer(self.nonce, out, err, exit_code, self.candidates)

    def _facts(self, reading: Mapping[str, object], run_id: str) -> dict[str, object] | GatheringError:
        try:
            return with_origin(build_facts(reading), self.by, self.why, run_id)
        except ValueError as exc:
            return failure("failed" if reading.get("system") in ("Linux", None) else "not_linux", str(exc))
        except Exception as exc:  # what a host sends must not cost the others their turn
            return failure("failed", f"The answer could not be understood: {type(exc).__name__}: {exc}")


def _early_end(said: Said, become: str) -> GatheringError | None:
    """Return what it means that a client did not end by itself."""
    words = said.err.decode("utf-8", "surrogateescape")
    if said.end is End.LATE:
        return GatheringError("timed_out", NOT_IN_TIME)
    if said.end is End.FLOODED:
        sentence = f"The host sent more than {MOST_OUTPUT_BYTES} bytes; a reading has a few thousand. It was cut off."
        return GatheringError("no_answer", sentence, "flood")
    if said.end is End.INTERRUPTED:
        return GatheringError("failed", INTERRUPTED, "interrupted")
    if said.end is End.WRONG_PASSWORD:
        return failure("failed", f"Incorrect {become} password")
    if said.end is End.MISSING_PASSWORD:
        return failure("failed", f"Missing {become} password")
    if said.end is End.SILENT:
        return failure("unreachable", f"Timeout waiting for privilege escalation prompt: {ending(words)}")
    if said.end is End.NOT_STARTED:
        return failure("failed", f"ssh could not be started on the controller: {words}")
    return None
