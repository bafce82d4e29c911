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

from ansible import constants as C
from ansible import context
from ansible.errors import AnsibleError
from ansible.playbook.play_context import PlayContext
from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase
from ansible.plugins.loader import become_loader, connection_loader

from ._asked_hosts import AskedHost, CantBeHonouredError, forget_the_oldest, task_of_hosts
from .fanout.escalation import Escalation

_SILENT_SECONDS = 2
"""So much longer than it takes to connect a host may be silent while it makes another user of us, as in Ansible."""


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

    def __init__(self, action: ActionBase, task_vars: Mapping[str, object]) -> None:
        self._action, self._task = action, task_of_hosts(action)
        self._passwords = _asked_passwords(action, task_vars)
        self._keys = self._task.dump_attrs()
        self._keys.pop("retries", None)
        self._connections: dict[str, ConnectionBase] = {}

    def command(self, host: AskedHost, command: str, program: bytes) -> SshCommand:
        """Return the command that runs *command* on the host with *program* as its input.

        Raises CantBeHonouredError and AnsibleError.
        """
        key = repr((sorted(host.settings.items()), host.become_method))
        connection = self._connections.get(key)
        if connection is None:
            forget_the_oldest(self._connections)
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

    def _connection(self, host: AskedHost) -> ConnectionBase:
        """Return a connection plugin set up as Ansible's TaskExecutor does, whose clients are not run."""
        templar = self._action._templar
        settings = PlayContext(play=self._task.get_play(), passwords=self._passwords)
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

    def _captured(self, connection: ConnectionBase, command: str, program: bytes) -> list[bytes]:
        """Return the arguments with which the connection would run its client."""
        captured: list[list[bytes]] = []

        def instead_of_running(arguments: list[bytes], *_others: object, **_more: object) -> tuple[int, bytes, bytes]:
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


def _asked_passwords(action: ActionBase, task_vars: Mapping[str, object]) -> dict[str, str]:
    """Return the passwords that were asked for at the start. What the play's settings hold may be of one host."""
    settings, cli = action._play_context, context.CLIARGS
    asked = {
        "conn_pass": bool(cli.get("ask_pass") or cli.get("connection_password_file")),
        "become_pass": bool(cli.get("become_ask_pass") or cli.get("become_password_file")),
    }
    delegated = task_vars.get("ansible_delegated_vars")
    of_controller = delegated.get(action._task.delegate_to, {}) if isinstance(delegated, Mapping) else {}
    for name, attribute in (("conn_pass", "password"), ("become_pass", "become_pass")):
        if asked[name] and any(key in of_controller for key in C.MAGIC_VARIABLE_MAPPING[attribute]):
            raise CantBeHonouredError("a password was asked for, and the controller has one of its own")
    given = {"conn_pass": settings.password, "become_pass": settings.become_pass}
    return {name: given[name] for name in asked if asked[name] and given[name]}


def _check(connection: ConnectionBase) -> None:
    """Raise CantBeHonouredError where an ssh client of ours could not log in as Ansible's does."""
    if connection.get_option("pkcs11_provider"):
        raise CantBeHonouredError("the key is on a token (pkcs11_provider)")
    if _option(connection, "private_key"):
        raise CantBeHonouredError("Ansible puts its key into an agent (ansible_private_key)")
    password = connection.get_option("password") or connection._play_context.password
    if password and _option(connection, "password_mechanism", "sshpass") == "sshpass":
        raise CantBeHonouredError("its password is given to ssh by sshpass")


def _ssh_password(connection: ConnectionBase) -> str:
    if _option(connection, "password_mechanism", "sshpass") != "ssh_askpass":
        return ""
    return str(connection.get_option("password") or connection._play_context.password or "")


def _option(connection: ConnectionBase, name: str, otherwise: object = None) -> object:
    """Return an option that not every version of ansible-core has."""
    try:
        return connection.get_option(name)
    except KeyError:
        return otherwise
