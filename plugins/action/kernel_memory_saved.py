# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find saved copies of hosts, unpack archives of them, and make the older copies of a host its history."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils._arguments import saved_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import tell
from ..plugin_utils.history.location import Location, history_location
from ..plugin_utils.history.opening import open_store
from ..plugin_utils.saved.archives import archives_below, is_archive, name_of, unpack
from ..plugin_utils.saved.copies import SavedHost, copies_below, hosts_of
from ..plugin_utils.saved.past import keep_older_copies
from ..plugin_utils.screen.audience import QUIET

_NOT_KEPT = "none"


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Find the hosts. What archives hold is in Ansible's temporary folder, which goes at the end."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(saved_argument_spec())
        arguments = to_plain(arguments)
        try:
            hosts, notes = self._hosts(Path(os.path.abspath(os.path.expanduser(arguments["path"]))))
            history = self._past(hosts, arguments["history"] or _NOT_KEPT, arguments["deadline"], notes)
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        for note in notes:
            Display().warning(note)
        return {
            **result,
            "changed": False,
            "history": history,
            "hosts": [
                {
                    "name": host.name,
                    "proc_root": host.newest.proc_root,
                    "sys_root": host.newest.sys_root,
                    "copies": len(host.copies),
                }
                for host in hosts
            ],
        }

    @staticmethod
    def _hosts(top: Path) -> tuple[list[SavedHost], list[str]]:
        notes: list[str] = []
        if top.is_file() and is_archive(top.name):
            archives, copies = [top], []
        elif top.is_dir():
            archives, copies = archives_below(top), copies_below(top)
        else:
            raise ValueError(
                f"kernel_mem_audit_saved is {top}, which is no folder and no archive that can be unpacked."
            )
        for number, archive in enumerate(archives):
            folder = Path(C.DEFAULT_LOCAL_TMP) / "saved" / str(number) / name_of(archive.name)
            folder.mkdir(parents=True)
            try:
                unpack(archive, folder)
            except ValueError as exc:
                notes.append(str(exc))
            found = copies_below(folder)
            if not found:
                notes.append(f"{archive} holds no proc/meminfo, so no host of it is audited.")
            copies += found
        if not copies:
            told = f" {' '.join(notes)}" if notes else ""
            raise ValueError(
                f"There is no proc/meminfo below {top}; give the folder that holds the saved trees, or their archives."
                + told
            )
        hosts = hosts_of(copies, top)
        lost = len(copies) - sum(len(host.copies) for host in hosts)
        if lost:
            notes.append(f"{lost} copies are of the same host and moment as another one, and are left out.")
        return hosts, notes

    def _past(self, hosts: list[SavedHost], told: str, deadline: int, notes: list[str]) -> str:
        """Keep the older copies, and return where: in the history that was given, else in one that goes at the end."""
        several = [host for host in hosts if len(host.copies) > 1]
        given = history_location(told, os.environ, os.getcwd())
        if not several or (given is not None and self._task.check_mode):
            return told
        where: Location | str = given if given is not None else os.path.join(C.DEFAULT_LOCAL_TMP, "saved-copies.db")
        with closing(open_store(where)) as store:
            notes += keep_older_copies(store, several, deadline, int(time.time()))
        number = sum(len(host.copies) - 1 for host in several)
        of = several[0].name if len(several) == 1 else f"{len(several):,} hosts"
        tell(f"Kernel memory: {number:,} older copies of {of} are the past of the newest, which is judged.", (QUIET,))
        return told if given is not None else str(where)
