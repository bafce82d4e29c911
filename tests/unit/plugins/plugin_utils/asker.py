# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible makes of an inventory's hosts, without running anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play import Play
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible.vars.manager import VariableManager

from ansible_collections.fleetaudit.kernel_memory.plugins.action.kernel_memory_gather import ActionModule
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._asked_hosts import AskedHosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._ssh_commands import SshCommand, SshCommands

PROGRAM = b"a program\n"


class Asker:
    """The commands of an inventory's hosts, as the action gets them."""

    def __init__(self, folder: Path, hosts: dict[str, dict[str, Any]]) -> None:
        path = folder / "hosts.json"
        path.write_text(json.dumps({"all": {"hosts": hosts}}))
        loader = DataLoader()
        inventory = InventoryManager(loader=loader, sources=[str(path)])
        manager = VariableManager(loader=loader, inventory=inventory)
        tasks = [{"debug": {}, "delegate_to": "localhost"}]
        given = {"name": "p", "hosts": "all", "gather_facts": False, "connection": "ssh", "tasks": tasks}
        play = Play().load(given, variable_manager=manager, loader=loader)
        (task,) = play.get_tasks()[0]
        context = PlayContext(play=play)
        connection = connection_loader.get("local", context, new_stdin=None)
        action = ActionModule(task, connection, context, loader, Templar(loader), None)
        names = list(hosts)
        variables = dict.fromkeys(("ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_batch"), names)
        self.hosts, self.commands = AskedHosts(action, variables), SshCommands(action, variables)

    def words(self, name: str) -> list[str]:
        """The arguments for a host."""
        return [word.decode() for word in self.command(name).arguments]

    def command(self, name: str) -> SshCommand:
        """The command for a host."""
        return self.commands.command(self.hosts.host(name), "true", PROGRAM)
