# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands with which Ansible itself would ask hosts by ssh, made by Ansible itself.

Inventory, variables, templates, connection plugin and become plugin are Ansible's; only the last step, the running of
the ssh client, is kept from its ssh plugin. So a host is reached as by any other task. Some of what is used here is
private to ansible-core: whatever goes wrong sends the host the ordinary way, and a test compares the arguments.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import become_loader, connection_loader

from ..module_utils.collect.arguments import check_facts_arguments, facts_argument_spec
from ._plain import to_plain
from .fanout.escalation import Escalation

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

_OF_THE_PLAY = ("ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_batch")
_INTERPRETER = "ansible_python_interpreter"
_OTHERS = ("ansible_connection", "ansible_become", "ansible_become_method", "ansible_shell_type", _INTERPRETER)
_SILENT_SECONDS = 2
"""So much longer than it takes to connect a host may be silent while it makes another user of us, as in Ansible."""


class CantBeHonouredError(Exception):
    """A setting of a host asks for what an ssh client of ours can't do; the text says what, for the report."""


@dataclass(frozen=True, slots=True)
class AskedHost:
    """What a host's variables say, templated. *arguments* are those of kernel_memory_facts, *settings* those of ssh
    and of the become plugin, *places* those that name its address.
    """

    name: str
    groups: tuple[str, ...]
    arguments: Mapping[str, Any]
    timeout: float
    interpreter: str
    become_method: str
    settings: Mapping[str, Any]
    places: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SshCommand:
    """A command as Ansible's ssh plugin would run it. *password* is ssh's, where it is given by a helper (askpass)
    that looks for *prompt*.
    """

    address: str
    arguments: list[bytes]
    escalation: Escalation | None
    password: str
    prompt: str
    retries: int


class SshCommands:
    """Makes commands for the hosts of an action's play. The action must be delegated to the controller, so that the
    play's settings are not those of one host.
    """

    def __init__(self, action: Any, task_vars: Mapping[str, Any]) -> None:
        self._action, self._task_vars = action, task_vars
        self._task = action._task.copy()
        self._task.delegate_to = None
        self._manager, self._play = self._task.get_variable_manager(), self._task.get_play()
        self._task.connection = self._play.connection  # newer cores note that of the controller here
        connection_loader.get("ssh", class_only=True)
        self._places = {
            entry["name"] for entry in C.config.get_configuration_definition("host", "connection", "ssh")["vars"]
        }
        self._names = self._names_to_look_at()
        self._passwords = self._asked_passwords()
        self._keys = self._task.dump_attrs()
        self._keys.pop("retries", None)
        self._connections: dict[str, Any] = {}
        self._checked: dict[str, Mapping[str, Any]] = {}

    def host(self, name: str) -> AskedHost:
        """Return what a host's variables say. Raises CantBeHonouredError, and AnsibleError for a wrong template."""
        # Ansible makes the lists of all hosts of the play anew for each host unless it is given some.
        host = self._manager._inventory.get_host(name)
        variables = self._manager.get_vars(
            play=self._play, host=host, task=self._task, _hosts=[name], _hosts_all=[name]
        )
        variables.update({key: self._task_vars[key] for key in _OF_THE_PLAY})
        templar = self._action._templar.copy_with_new_env(available_variables=variables)
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
            arguments=self._arguments(own),
            timeout=_timeout(own.get(TIMEOUT, TIMEOUT_SECONDS)),
            interpreter=interpreter,
            become_method=self._become_method(found),
            settings=found,
            places={"inventory_hostname": name, **places},
        )

    def command(self, host: AskedHost, command: str, program: bytes) -> SshCommand:
        """Return the command that runs *command* on the host with *program* as its input.

        Raises CantBeHonouredError and AnsibleError.
        """
        key = repr((sorted(host.settings.items()), host.become_method))
        connection = self._connections.get(key)
        if connection is None:
            _make_room(self._connections)
            connection = self._connections[key] = self._connection(host)
        address = C.config.get_config_value("host", None, "connection", "ssh", keys=self._keys, variables=host.places)
        connection.set_option("host", address)
        connection._play_context.remote_addr = address
        become = connection.become
        if become:
            become.prompt = become.success = ""
        arguments = self._captured(connection, command, program)
        escalation = None
        if become and (become.prompt or become.success):
            # The plugin is shared by all hosts of these settings; the marks that it looks for are of this command.
            escalation = Escalation(
                copy.copy(become),
                str(become.get_option("become_pass") or "").encode("utf-8", "surrogateescape"),
                _SILENT_SECONDS + int(connection.get_option("timeout")),
            )
        return SshCommand(
            address=str(address),
            arguments=arguments,
            escalation=escalation,
            password=_ssh_password(connection),
            prompt=str(connection.get_option("sshpass_prompt") or ""),
            retries=int(connection.get_option("reconnection_retries") or 0),
        )

    def _names_to_look_at(self) -> list[str]:
        names = {*ARGUMENTS.values(), TIMEOUT, *_OTHERS, *C.config.get_plugin_vars("connection", "ssh")}
        names.update(name for given in C.MAGIC_VARIABLE_MAPPING.values() for name in given)
        for method in BECOME_METHODS:
            become_loader.get(method, class_only=True)
            names.update(C.config.get_plugin_vars("become", method))
        return sorted(names - {"inventory_hostname"})

    def _asked_passwords(self) -> dict[str, str]:
        """Return the passwords that were asked for at the start. What the play's settings hold may be of one host."""
        settings, cli = self._action._play_context, context.CLIARGS
        asked = {
            "conn_pass": bool(cli.get("ask_pass") or cli.get("connection_password_file")),
            "become_pass": bool(cli.get("become_ask_pass") or cli.get("become_password_file")),
        }
        of_controller = self._task_vars.get("ansible_delegated_vars", {}).get(self._action._task.delegate_to, {})
        for name, attribute in (("conn_pass", "password"), ("become_pass", "become_pass")):
            if asked[name] and any(key in of_controller for key in C.MAGIC_VARIABLE_MAPPING[attribute]):
                raise CantBeHonouredError("a password was asked for, and the controller has one of its own")
        given = {"conn_pass": settings.password, "become_pass": settings.become_pass}
        return {name: given[name] for name in asked if asked[name] and given[name]}

    def _arguments(self, own: Mapping[str, Any]) -> Mapping[str, Any]:
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
            _make_room(self._checked)
            self._checked[key] = result.validated_parameters
        return self._checked[key]

    def _become_method(self, found: Mapping[str, Any]) -> str:
        if not boolean(found.get("ansible_become", self._task.become or False)):
            return ""
        method = str(found.get("ansible_become_method") or self._task.become_method or "sudo")
        method = method.removeprefix("ansible.builtin.")
        if method not in BECOME_METHODS:
            raise CantBeHonouredError(f"the become method is {method}")
        return method

    def _connection(self, host: AskedHost) -> Any:
        """Return a connection plugin set up as Ansible's TaskExecutor does, whose clients are not run."""
        templar = self._action._templar
        settings = PlayContext(play=self._play, passwords=self._passwords)
        settings = settings.set_task_and_variable_override(
            task=self._task, variables={**host.settings, "inventory_hostname": host.name}, templar=templar
        )
        settings.post_validate(templar=templar)
        settings.become = bool(host.become_method)
        keys = {**self._keys, "timeout": settings.timeout}
        if settings.password:
            keys["password"] = settings.password
        connection = connection_loader.get("ssh", settings, new_stdin=None)
        become = become_loader.get(host.become_method) if host.become_method else None
        connection.set_become_plugin(become)
        connection.set_options(task_keys=keys, var_options={**host.settings, "_extras": {}})
        connection._shell.set_options(task_keys=keys, var_options=dict(host.settings))
        if become:
            if settings.become_pass:
                keys["become_pass"] = settings.become_pass
            become.set_options(task_keys=keys, var_options=dict(host.settings))
        _check(connection)
        return connection

    def _captured(self, connection: Any, command: str, program: bytes) -> list[bytes]:
        """Return the arguments with which the connection would run its client."""
        captured: list[list[bytes]] = []

        def instead_of_running(arguments: list[bytes], *_others: Any, **_more: Any) -> tuple[int, bytes, bytes]:
            captured.append(list(arguments))
            return 0, b"", b""

        action = self._action
        own = action._connection, action._play_context
        connection._run = instead_of_running
        action._connection, action._play_context = connection, connection._play_context
        try:
            action._low_level_execute_command(command, in_data=program)
        finally:
            action._connection, action._play_context = own
        if len(captured) != 1:
            raise AnsibleError("Ansible's ssh plugin did not build one command.")
        return captured[0]


def _make_room(kept: dict[str, Any]) -> None:
    """Forget the oldest where another would be too many."""
    if len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]


def _check(connection: Any) -> None:
    """Raise CantBeHonouredError where an ssh client of ours could not log in as Ansible's does."""
    if connection.get_option("pkcs11_provider"):
        raise CantBeHonouredError("the key is on a token (pkcs11_provider)")
    if _option(connection, "private_key"):
        raise CantBeHonouredError("Ansible puts its key into an agent (ansible_private_key)")
    password = connection.get_option("password") or connection._play_context.password
    if password and _option(connection, "password_mechanism", "sshpass") == "sshpass":
        raise CantBeHonouredError("its password is given to ssh by sshpass")


def _ssh_password(connection: Any) -> str:
    if _option(connection, "password_mechanism", "sshpass") != "ssh_askpass":
        return ""
    return str(connection.get_option("password") or connection._play_context.password or "")


def _option(connection: Any, name: str, otherwise: Any = None) -> Any:
    """Return an option that not every version of ansible-core has."""
    try:
        return connection.get_option(name)
    except KeyError:
        return otherwise


def _timeout(given: Any) -> float:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        seconds = 0.0
    if seconds <= 0:
        raise CantBeHonouredError("it has no timeout")
    return seconds
