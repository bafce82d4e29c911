# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check all settings of this collection, their names included, before any host is touched."""

from __future__ import annotations

import os
import sys
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader
from ansible.release import __version__
from ansible.utils.vars import load_extra_vars

from ..plugin_utils._versions import too_old

# The first task of every playbook is this one, so that an ansible-core which is too old is told so, in one sentence.
if too_old(__version__, sys.version_info):
    raise AnsibleError(too_old(__version__, sys.version_info))

from ..plugin_utils._plain import to_plain
from ..plugin_utils._settings_arguments import settings_argument_spec
from ..plugin_utils.settings import environments
from ..plugin_utils.settings.check import check_settings
from ..plugin_utils.settings.environments import HostGroups
from ..plugin_utils.settings.given import GivenSettings
from ..plugin_utils.settings.names import looks_like_ours
from ..plugin_utils.settings.places import Place
from ..plugin_utils.settings.table import SETTINGS

Variables = dict[str, Any]


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Variables | None = None) -> Variables:
        """Check the settings."""
        result: Variables = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(settings_argument_spec())
        try:
            hosts = self._hosts(to_plain(arguments["hosts_pattern"]), variables)
            given = self._given(hosts, variables)
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        place = Place(arguments["entry"], os.getcwd(), dict(os.environ))
        checked = check_settings(given, self._groups(hosts, given, variables), place)
        answer = {**result, "changed": False, "mistakes": checked.mistakes, "notes": checked.notes}
        answer["warnings"] = checked.notes
        refusal = checked.refusal()
        return answer if refusal is None else {**answer, "failed": True, "msg": refusal}

    def _given(self, hosts: list[str], variables: Variables) -> GivenSettings:
        by_hand = frozenset(name for name in load_extra_vars(self._loader) if looks_like_ours(name))
        # What a play, a block, a task or an include sets wins over the inventory.
        above = {*self._task.get_play().vars, *self._task.get_vars(), *self._task.get_include_params()}
        hostvars = variables["hostvars"]
        of_hosts = {}
        for host in hosts:
            raw = hostvars.raw_get(host)
            if hasattr(raw, "items"):
                of_hosts[host] = {
                    str(name): to_plain(value)
                    for name, value in raw.items()
                    if looks_like_ours(name) and name not in above
                }
        run: dict[str, object] = {}
        unreadable: dict[str, str] = {}
        for name in filter(looks_like_ours, variables):
            # What playbooks set themselves is not always there yet.
            run[str(name)] = None
            if name in SETTINGS:
                try:
                    run[str(name)] = to_plain(self._templar.template(variables[name]))
                except AnsibleError as exc:
                    unreadable[str(name)] = str(exc)
        return GivenSettings(run, by_hand, of_hosts, unreadable)

    def _hosts(self, pattern: object, variables: Variables) -> list[str]:
        """Return the hosts that will be asked; without a pattern those of this batch of the play."""
        text = ":".join(map(str, pattern)) if isinstance(pattern, list) else str(pattern or "")
        if not text:
            return [str(name) for name in variables.get("ansible_play_batch") or ()]
        lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        wanted = {str(name) for name in lookup.run([text], variables=variables)}
        return [name for name in map(str, variables.get("ansible_play_hosts_all") or ()) if name in wanted]

    @staticmethod
    def _groups(hosts: list[str], given: GivenSettings, variables: Variables) -> HostGroups:
        groups: dict[str, list[str]] = {host: [] for host in hosts}
        for group, members in sorted((variables.get("groups") or {}).items()):
            for host in map(str, members):
                if host in groups:
                    groups[host].append(str(group))
        named = {
            host: value
            for host, of_host in given.of_hosts.items()
            if isinstance(value := of_host.get(environments.SETTING), str) and value and "{{" not in value
        }
        return HostGroups(groups, named, partial=bool(context.CLIARGS.get("subset")))
