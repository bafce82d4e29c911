# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the variables of a host say of how it is asked, resolved and templated by Ansible.

What one process for many hosts can't honour is said by an error: then Ansible asks the host itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ansible import constants as C
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import become_loader, connection_loader

from ..module_utils.collect.arguments import check_facts_arguments, facts_argument_spec
from ._plain import to_plain

SSH = ("ssh", "ansible.builtin.ssh", "smart")
BECOME_METHODS = ("sudo", "su")

# The arguments of kernel_memory_facts, and the variables of a host that the playbook gives them from.
ARGUMENTS = {
    name: f"kernel_mem_audit_{name}" for name in ("transport", "proc_root", "sys_root", "gather_subset", "deadline")
} | {"audit_environment": "kernel_mem_audit_environment"}
TIMEOUT, TIMEOUT_SECONDS = "kernel_mem_audit_timeout", 60

MOST_KEPT = 64
"""So many connection plugins are kept, and so many sets of checked arguments: fleets have a few, but each host may have
its own."""

_Kept = TypeVar("_Kept")

_OF_THE_PLAY = ("ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_batch")
_INTERPRETER = "ansible_python_interpreter"
_OTHERS = ("ansible_connection", "ansible_become", "ansible_become_method", "ansible_shell_type", _INTERPRETER)


class CantBeHonouredError(Exception):
    """A setting of a host asks for what an ssh client of ours can't do; the text says what, for the report."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The arguments of kernel_memory_facts, checked and with their defaults."""

    transport: str
    proc_root: str
    sys_root: str
    gather_subset: Sequence[str]
    deadline: int
    audit_environment: str | None


@dataclass(frozen=True, slots=True)
class AskedHost:
    """What a host's variables say, templated. *timeout* is in seconds, *become_method* is empty where nobody becomes
    another user, *settings* are those of ssh and of the become plugin, *places* those that name its address.
    """

    name: str
    groups: tuple[str, ...]
    wanted: Wanted
    timeout: float
    interpreter: str
    become_method: str
    settings: Mapping[str, object]
    places: Mapping[str, object]


class AskedHosts:
    """Reads the variables of the hosts of an action's play."""

    def __init__(self, action: ActionBase, task_vars: Mapping[str, object]) -> None:
        self._task = task_of_hosts(action)
        self._templar = action._templar
        self._of_the_play = {key: task_vars[key] for key in _OF_THE_PLAY}
        connection_loader.get("ssh", class_only=True)
        self._places = {
            entry["name"] for entry in C.config.get_configuration_definition("host", "connection", "ssh")["vars"]
        }
        self._names = _names_to_look_at()
        self._checked: dict[str, Wanted] = {}

    def host(self, name: str) -> AskedHost:
        """Return what a host's variables say. Raises CantBeHonouredError, and AnsibleError for a wrong template."""
        manager = self._task.get_variable_manager()
        host = manager._inventory.get_host(name)
        # Ansible makes the lists of all hosts of the play anew for each host unless it is given some.
        variables = manager.get_vars(
            play=self._task.get_play(), host=host, task=self._task, _hosts=[name], _hosts_all=[name]
        )
        variables.update(self._of_the_play)
        templar = self._templar.copy_with_new_env(available_variables=variables)
        found = {key: templar.template(variables[key]) for key in self._names if variables.get(key) is not None}
        if str(found.get("ansible_connection", self._task.connection)) not in SSH:
            raise CantBeHonouredError("the connection is not ssh")
        if str(found.get("ansible_shell_type", "sh")) != "sh":
            raise CantBeHonouredError("the shell of the host is not sh")
        own = {key: to_plain(found.pop(key)) for key in (*ARGUMENTS.values(), TIMEOUT) if key in found}
        interpreter = str(found.pop(_INTERPRETER, ""))
        places = {key: found.pop(key) for key in self._places if key in found}
        return AskedHost(
            name=name,
            groups=tuple(str(group) for group in variables.get("group_names") or ()),
            wanted=self._wanted(own),
            timeout=_timeout(own.get(TIMEOUT, TIMEOUT_SECONDS)),
            interpreter=interpreter,
            become_method=self._become_method(found),
            settings=found,
            places={"inventory_hostname": name, **places},
        )

    def _wanted(self, own: Mapping[str, object]) -> Wanted:
        """Return the arguments of kernel_memory_facts, checked as the task checks them."""
        given = {argument: own[name] for argument, name in ARGUMENTS.items() if name in own}
        key = repr(sorted(given.items()))
        if key not in self._checked:
            result = ArgumentSpecValidator(facts_argument_spec()).validate(given)
            if result.error_messages:
                raise CantBeHonouredError("one of its settings is wrong")
            try:
                check_facts_arguments(result.validated_parameters)
            except ValueError:
                raise CantBeHonouredError("one of its settings is wrong") from None
            forget_the_oldest(self._checked)
            self._checked[key] = Wanted(**{name: result.validated_parameters[name] for name in ARGUMENTS})
        return self._checked[key]

    def _become_method(self, found: Mapping[str, object]) -> str:
        if not boolean(found.get("ansible_become", self._task.become or False)):
            return ""
        method = str(found.get("ansible_become_method") or self._task.become_method or "sudo")
        method = method.removeprefix("ansible.builtin.")
        if method not in BECOME_METHODS:
            raise CantBeHonouredError(f"the become method is {method}")
        return method


def task_of_hosts(action: ActionBase) -> Task:
    """Return the task of an action as it would be for the hosts of its play: not delegated to the controller."""
    task = action._task.copy()
    task.delegate_to = None
    task.connection = task.get_play().connection  # newer cores note that of the controller here
    return task


def forget_the_oldest(kept: dict[str, _Kept]) -> None:
    """Forget the oldest of what is kept where another would be too many."""
    if len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]


def _names_to_look_at() -> Iterable[str]:
    names = {*ARGUMENTS.values(), TIMEOUT, *_OTHERS, *C.config.get_plugin_vars("connection", "ssh")}
    names.update(name for given in C.MAGIC_VARIABLE_MAPPING.values() for name in given)
    for method in BECOME_METHODS:
        become_loader.get(method, class_only=True)
        names.update(C.config.get_plugin_vars("become", method))
    return sorted(names - {"inventory_hostname"})


def _timeout(given: object) -> float:
    try:
        seconds = float(str(given))
    except ValueError:
        seconds = 0.0
    if not (math.isfinite(seconds) and seconds > 0):
        raise CantBeHonouredError("it has no timeout")
    return seconds
