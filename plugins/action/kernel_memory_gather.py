# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather the kernel memory of all hosts of a play from one process; say which hosts need a task of their own."""

from __future__ import annotations

import os
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.collect.subsets import resolve_subsets
from ..plugin_utils._arguments import gather_argument_spec
from ..plugin_utils._asked_hosts import AskedHost, AskedHosts, CantBeHonouredError
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import tell
from ..plugin_utils._ssh_commands import SshCommand, SshCommands
from ..plugin_utils.fanout.askpass import Askpass
from ..plugin_utils.fanout.choice import check_at_once
from ..plugin_utils.fanout.client import Call
from ..plugin_utils.fanout.interviews import Found, Interviews
from ..plugin_utils.fanout.loop import Loop
from ..plugin_utils.fanout.options import LIGHT, first_options, jump_of, light_exchange
from ..plugin_utils.fanout.question import OrdinaryWay, Question
from ..plugin_utils.fanout.signals import Interruption
from ..plugin_utils.model.times import utc_text
from ..plugin_utils.run.host_patterns import patterns_of
from ..plugin_utils.run.outcome import GatheringError, Origin, ending
from ..plugin_utils.run.resume import kept_sentence
from ..plugin_utils.run.spool import FANOUT, SpoolFile, TooLongError, asked_otherwise
from ..plugin_utils.run.spool_head import SpoolHead
from ..plugin_utils.screen.audience import QUIET
from ..plugin_utils.transport.choice import BY_COMMAND
from ..plugin_utils.transport.lean import interpreters

_PROGRESS_SECONDS = 10.0
_SHOWING_COMMANDS = 3
_MOST_REASONS = 20

# What ssh can ask a person about, where Ansible's own would have a terminal to ask at.
_FOR_A_PERSON = ("host_key_unknown", "permission_denied")


class SpoolError(Exception):
    """What a host gave can't be kept, so it is no use to ask the others."""


class ActionModule(ActionBase):
    """Adapter: runs on the controller, for all hosts of the play's batch."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Gather all hosts."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(gather_argument_spec())
        arguments = to_plain(arguments)
        # ansible_play_hosts is not cut by serial.
        hosts = [str(name) for name in variables["ansible_play_batch"]]
        try:
            check_at_once(arguments["at_once"])
            gathering = _Gathering(self, arguments, variables, hosts)
            gathering.run()
        except SpoolError as exc:
            raise AnsibleActionFail(self._with_command(str(exc), arguments["spool"])) from None
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **gathering.result()}

    @staticmethod
    def _with_command(sentence: str, spool: str) -> str:
        try:
            head = SpoolHead.read(spool)
        except ValueError:
            head = None
        return sentence if head is None else f"{sentence} {kept_sentence(spool, head.command)}"


class _Gathering:
    """One batch of hosts, from their variables to the spool."""

    def __init__(
        self, action: ActionModule, arguments: dict[str, Any], variables: dict[str, Any], hosts: list[str]
    ) -> None:
        self._action, self._arguments, self._variables, self._hosts = action, arguments, variables, hosts
        self._spool = SpoolFile(arguments["spool"])
        self._asked: dict[str, AskedHost] = {}
        self._otherwise: dict[str, str] = {}
        self._kept: set[str] = set()
        self._outcomes: Counter[str] = Counter()
        self._light: dict[str, str] = {}
        self._terminal = _has_terminal()
        self._told_at = time.monotonic()
        self._resolving = 0.0

    def run(self) -> None:
        """Ask the hosts. Raises SpoolError; whatever else goes wrong leaves hosts for the ordinary way."""
        self._interviews = Interviews(self._arguments["run_id"], self._call, self._deliver)
        before = os.times()
        try:
            with Interruption() as interruption, Askpass(C.DEFAULT_LOCAL_TMP) as self._askpass:
                self._hosts_of_play = AskedHosts(self._action, self._variables)
                self._commands = SshCommands(self._action, self._variables)
                loop = Loop(self._arguments["at_once"], self._interviews.finished, self._going_on(interruption))
                self._say_what_comes()
                loop.run(self._calls())
        except SpoolError:
            raise
        except CantBeHonouredError as exc:
            self._leave_the_rest(str(exc))
        except Exception as exc:  # of ansible-core's private parts, say: the ordinary way works without them
            Display().warning(f"The hosts could not all be asked by one process: {type(exc).__name__}: {exc}")
            self._leave_the_rest(f"{type(exc).__name__} while they were asked")
        after = os.times()
        self._own = after.user + after.system - before.user - before.system
        self._clients = after.children_user + after.children_system - before.children_user - before.children_system

    def result(self) -> dict[str, Any]:
        """Return a few figures, whatever the fleet's size, and the hosts that need a task of their own."""
        reasons = Counter(self._otherwise.values())
        return {
            "hosts": len(self._hosts),
            "outcomes": dict(self._outcomes),
            "ordinary": patterns_of(self._otherwise),
            "ordinary_reasons": dict(reasons.most_common(_MOST_REASONS)),
            "cpu": {
                "own_s": round(self._own, 2),
                "settings_s": round(self._resolving, 2),
                "ssh_s": round(self._clients, 2),
            },
        }

    def _calls(self) -> Iterator[Call]:
        for name in self._hosts:
            call = self._first_call(name)
            if call is not None:
                yield call

    def _first_call(self, name: str) -> Call | None:
        try:
            began = time.process_time()
            host = self._asked[name] = self._hosts_of_play.host(name)
            self._resolving += time.process_time() - began
            wanted = host.wanted
            if wanted.transport not in BY_COMMAND:
                raise CantBeHonouredError(f"the transport is {wanted.transport}")
            question = Question.first(
                wanted.transport,
                interpreters(host.interpreter),
                wanted.proc_root,
                wanted.sys_root,
                wanted.deadline,
                resolve_subsets(wanted.gather_subset),
            )
        except SpoolError:
            raise
        except Exception as exc:
            self._deliver(name, OrdinaryWay(_reason(exc)))
            return None
        return self._interviews.begin(name, question)

    def _call(self, name: str, question: Question) -> Call | OrdinaryWay:
        """Return the call that asks a host a question."""
        began = time.process_time()
        try:
            host, program = self._asked[name], question.program()
            command = self._commands.command(host, question.command(), program)
        except Exception as exc:
            return OrdinaryWay(_reason(exc))
        arguments = self._with_options(command)
        if Display().verbosity >= _SHOWING_COMMANDS:
            Display().vvv(f"SSH: EXEC {shlex.join(os.fsdecode(word) for word in arguments)}", host=command.address)
        self._resolving += time.process_time() - began
        return Call(
            host=name,
            arguments=arguments,
            program=program,
            seconds=host.timeout,
            environment=self._askpass.environment(command.password, command.prompt, os.environ)
            if command.password
            else None,
            escalation=command.escalation,
            jump=jump_of(arguments),
            retries=command.retries,
        )

    def _with_options(self, command: SshCommand) -> list[bytes]:
        program, *others = command.arguments
        light = ""
        if self._arguments["key_exchange"] == LIGHT:
            executable = os.fsdecode(program)
            if executable not in self._light:
                self._light[executable] = light_exchange(executable)
            light = self._light[executable]
        has_password = bool(command.password)
        sends = has_password or bool(command.escalation and command.escalation.password)
        return [program, *first_options(others, has_password=has_password, sends_password=sends, light=light), *others]

    def _deliver(self, name: str, found: Found) -> None:
        """Keep what a host came to."""
        host = self._asked.pop(name, None)
        if isinstance(found, GatheringError) and self._terminal and found.cause in _FOR_A_PERSON:
            found = OrdinaryWay("ssh may have to ask something at the terminal")
        run_id = self._arguments["run_id"]
        if isinstance(found, OrdinaryWay):
            self._otherwise[name] = found.reason
            self._keep(asked_otherwise(run_id, name, utc_text(time.time()), found.reason))
        else:
            groups = host.groups if host else ()
            environment = host.wanted.audit_environment if host else None
            origin = Origin(run_id, name, groups, environment, FANOUT)
            try:
                self._keep(origin.record(found))
            except TooLongError as exc:
                self._keep(origin.record(GatheringError("failed", str(exc))))
            self._outcomes[found.outcome if isinstance(found, GatheringError) else "facts"] += 1
        self._kept.add(name)

    def _keep(self, line: Any) -> None:
        try:
            self._spool.append(line)
        except TooLongError:
            raise
        except ValueError as exc:
            raise SpoolError(str(exc)) from None

    def _leave_the_rest(self, reason: str) -> None:
        for name in self._hosts:
            if name not in self._kept:
                self._deliver(name, OrdinaryWay(reason))

    def _say_what_comes(self) -> None:
        """Say how to go on should the run end early: when it does, nobody is left who could."""
        head = SpoolHead.read(self._spool.path)
        if head is not None and not self._action._task.check_mode:
            at_once = self._arguments["at_once"]
            tell(
                f"Kernel memory: asking {len(self._hosts):,} hosts, {at_once} at a time. Should this run end early, "
                f"what it has by then is kept, and this makes the report from it:\n{head.command}",
                unless=(QUIET,),
            )

    def _going_on(self, interruption: Interruption) -> Callable[[], bool]:
        def may_go_on() -> bool:
            self._tell()
            return interruption.may_go_on()

        return may_go_on

    def _tell(self) -> None:
        """Say from time to time how far it is."""
        now = time.monotonic()
        if now - self._told_at >= _PROGRESS_SECONDS:
            self._told_at = now
            tell(f"Kernel memory: {len(self._kept):,} of {len(self._hosts):,} hosts have been asked.", (QUIET,))


def _reason(exc: Exception) -> str:
    """Return why a host goes the ordinary way, where Ansible itself says what is wrong."""
    if isinstance(exc, CantBeHonouredError):
        return str(exc)
    if isinstance(exc, (AnsibleError, ValueError)):
        return ending(str(exc))
    return f"{type(exc).__name__} in ansible-core: {ending(str(exc))}"


def _has_terminal() -> bool:
    """Return whether an ssh client of Ansible's would have a terminal to ask at; since 2.19 its workers have none."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
