# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say which hosts of a run have a finding for which nobody has read who holds the memory, and what to read for it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils._arguments import closer_look_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import tell
from ..plugin_utils.audit.build import RunInfo
from ..plugin_utils.audit.closer_look import CloserLook, closer_look
from ..plugin_utils.history import of_a_run as _past
from ..plugin_utils.model.times import utc_text
from ..plugin_utils.model.version import VERSION
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run import spool as _spool
from ..plugin_utils.run.host_patterns import patterns_of
from ..plugin_utils.run.inventory import groups_by_host
from ..plugin_utils.screen.audience import QUIET
from ..plugin_utils.settings.kinds import words_of

_SUBSET_VARIABLE = "kernel_mem_audit_gather_subset"
_NOBODY = CloserLook({}, 0)


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Choose the hosts. What goes wrong here costs the second look and never the report."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(closer_look_argument_spec())
        arguments = to_plain(arguments)
        if arguments["at_most"] < 0:
            raise AnsibleActionFail(f"at_most is {arguments['at_most']}; give a number of hosts, 0 for none.")
        found = _NOBODY
        if arguments["at_most"]:
            try:
                found = self._look(arguments, arguments["at_most"], variables)
            except Exception as exc:
                Display().warning(f"No host is read a second time, since choosing them failed: {exc}")
        if found.subsets:
            hosts = "1 host" if len(found.subsets) == 1 else f"{len(found.subsets):,} hosts"
            more = f" ({found.left_out:,} more have one, too)" if found.left_out else ""
            tell(f"Kernel memory: reading {hosts} with a finding again{more}.", (QUIET,))
        return {
            **result,
            "changed": False,
            "hosts": patterns_of(found.subsets),
            "subsets": {name: list(subsets) for name, subsets in found.subsets.items()},
            "left_out": found.left_out,
        }

    def _look(self, arguments: Mapping[str, str], at_most: int, variables: dict[str, Any]) -> CloserLook:
        targets = [str(name) for name in variables.get("ansible_play_hosts_all") or ()]
        spool = _spool.read([arguments["spool"]], arguments["run_id"], in_short=True)
        now = utc_text(time.time())
        run = RunInfo(
            run_id=arguments["run_id"],
            started_at=now,
            generated_at=now,
            tool_version=VERSION,
            targets=tuple(targets),
            groups=groups_by_host(to_plain(variables.get("groups") or {})),
            environments={name: entry.get("environment") for name, entry in spool.records.items()},
        )
        policy = policy_from(arguments["policy"], os.getcwd())
        past = _past.past_of(arguments["history"], os.environ, os.getcwd(), arguments["run_id"], targets, create=False)
        asked = _asked(variables.get("hostvars"), targets)
        with closing(past):
            return closer_look(run, spool.records, policy, past, asked, at_most)


def _asked(hostvars: object, targets: list[str]) -> dict[str, list[str]]:
    """Return what was asked of hosts beyond the default, where that is said without a template."""
    found: dict[str, list[str]] = {}
    raw_get = getattr(hostvars, "raw_get", None)
    for name in targets:
        raw = raw_get(name) if raw_get is not None else None
        value = to_plain(raw.get(_SUBSET_VARIABLE)) if isinstance(raw, Mapping) else None
        words = words_of(value) if value is not None and "{{" not in str(value) else None
        if words:
            found[name] = words
    return found
