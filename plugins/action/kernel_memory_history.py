# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look after the history store: say what is in it, import, prune, verify, export, replay."""

from __future__ import annotations

import glob
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..plugin_utils._history_arguments import (
    EXPORT,
    Arguments,
    check_history_arguments,
    history_argument_spec,
    pattern_of,
)
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import tell
from ..plugin_utils.history.location import history_location
from ..plugin_utils.history.opening import open_store
from ..plugin_utils.history.store import HistoryStore, Retention, StoreInfo
from ..plugin_utils.importers import handed_over as _handed_over
from ..plugin_utils.importers import netdata as _netdata
from ..plugin_utils.importers import prometheus_server as _prometheus_server
from ..plugin_utils.importers import reading as _reading
from ..plugin_utils.importers import sysstat_host as _sysstat_host
from ..plugin_utils.importers.broken_json import json_of
from ..plugin_utils.importers.http_client import Client, credentials_of
from ..plugin_utils.importers.keeping import Keeper
from ..plugin_utils.importers.names import InventoryHost, Matcher, NameRules, renamed
from ..plugin_utils.importers.points import daily_samples
from ..plugin_utils.judging import replay as _replay
from ..plugin_utils.judging import replay_table as _replay_table
from ..plugin_utils.model.times import DAY, utc_text
from ..plugin_utils.outputs.write import replace_file
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run.inventory import groups_by_host

Variables = Mapping[str, Any]
Result = dict[str, Any]
Operation = Callable[[HistoryStore, Arguments], Result]


class ActionModule(ActionBase):
    """Adapter: runs on the controller, and opens no connection to a host but to read what its sysstat has kept."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        """Do one operation on the store."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(history_argument_spec())
        try:
            answer = self._operate(to_plain(arguments), task_vars or {})
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **answer}

    def _operate(self, arguments: Arguments, variables: Variables) -> Result:
        check_history_arguments(arguments)
        if arguments["operation"] == "read":
            return self._read(arguments)
        where = history_location(arguments["store"], os.environ, os.getcwd())
        if where is None:
            raise ValueError("The history is switched off (none), so there is no store to work on; give store.")
        operations: dict[str, Operation] = {
            "info": lambda _store, _arguments: {},
            "import": lambda store, given: self._import(store, given, variables),
            "prune": self._prune,
            "verify": self._verify,
            "rebuild": self._rebuild,
            "export": self._export,
            "replay": lambda store, given: self._replayed(store, given, variables),
        }
        operation = arguments["operation"]
        writes = operation in ("import", "prune", "rebuild") and not self._task.check_mode
        store = open_store(where, create=operation == "import" and writes, write=writes)
        try:
            answer = operations[operation](store, arguments)
            return {**answer, "store": _shown(store.info)}
        finally:
            store.close()

    def _import(self, store: HistoryStore, arguments: Arguments, variables: Variables) -> Result:
        if arguments["source"] == EXPORT:
            return self._import_export(store, arguments)
        keeper = Keeper(None if self._task.check_mode else store, arguments["source"])
        matcher = Matcher(
            NameRules(
                names={str(key): str(name) for key, name in arguments["names"].items()},
                pattern=pattern_of(arguments),
                hosts=_inventory(variables) if arguments["match_inventory"] else None,
            )
        )
        imported = keeper.imported
        if arguments["results"]:
            for host, result in _results(variables, arguments["results"]):
                if result.get("read"):
                    keeper.add(_handed_over.from_text(host, str(result["read"])))
                else:
                    imported.missing[host] = _why_missing(result)
        elif arguments["source"] == "prometheus" and arguments["url"]:
            server = _prometheus_server.Server(arguments["url"], _client(arguments).ask, arguments["selector"])
            for points in _prometheus_server.shards(server, arguments["days"], int(time.time()), matcher):
                keeper.add_points(points)
        else:
            for part in _reading.read(arguments["source"], self._texts(arguments), arguments["host"]):
                for name in part.mixed:
                    matcher.refuse(name, _prometheus_server.MIXED)
                # A host that is given is the inventory's already.
                keeper.add_points(part.points if arguments["host"] else renamed(part.points, matcher))
        keeper.flush()
        imported.unmatched, imported.refused = matcher.found.unmatched, matcher.found.refused
        if not imported.hosts:
            raise ValueError(imported.why_nothing(arguments["source"]))
        tell(f"Imported from {arguments['source']}: {imported.line()}")
        return {"changed": imported.inserted > 0 or self._task.check_mode, "imported": imported.as_plain()}

    def _import_export(self, store: HistoryStore, arguments: Arguments) -> Result:
        records = [
            json_of(line, "what the operation export writes", "export it again, whole", f"{text.origin}, line {number}")
            for text in self._texts(arguments)
            for number, line in enumerate(text.content.splitlines(), 1)
            if line.strip()
        ]
        added = None if self._task.check_mode else store.upkeep.load(records)
        return {
            "changed": bool(added and added.inserted),
            "imported": {"days": 0, "hosts": [], **(asdict(added) if added else {})},
        }

    def _read(self, arguments: Arguments) -> Result:
        """Read what a tool of a host itself has kept. That there is nothing is told by the import of all hosts."""
        host = arguments["host"]
        try:
            if arguments["source"] == "sysstat":
                printed = self._low_level_execute_command(_sysstat_host.COMMAND, sudoable=True)
                found = _sysstat_host.points_of(host, str(printed.get("stdout") or ""))
                points, reason = found.points, found.reason
            else:
                texts = list(self._texts(arguments))
                points = [point for part in _reading.read("netdata", texts, host) for point in part.points]
                reason = None if points else "Netdata has kept nothing for the time that was asked for"
        except ValueError as exc:
            points, reason = [], str(exc).rstrip(".")
        return {"read": _handed_over.to_text(daily_samples(points, time.time())) if points else "", "reason": reason}

    @staticmethod
    def _texts(arguments: Arguments) -> Iterator[_reading.Text]:
        for number, content in enumerate(arguments["content"], 1):
            yield _reading.Text(f"content {number}", content)
        for pattern in arguments["files"]:
            paths = sorted(glob.glob(os.path.abspath(os.path.expanduser(pattern))))
            if not paths:
                raise ValueError(f"There is no file {pattern}.")
            for path in paths:
                yield _reading.Text(path, _content(path))
        if arguments["url"]:
            client = _client(arguments)
            for address in _netdata.addresses(arguments["url"], arguments["days"], int(time.time())):
                yield _reading.Text(address.split("?")[0], client.ask(address))

    def _prune(self, store: HistoryStore, arguments: Arguments) -> Result:
        if self._task.check_mode:
            return {"pruned": {}}
        keep = Retention(samples_days=arguments["keep_days"], history_days=arguments["keep_history_days"])
        pruned = asdict(store.upkeep.prune(keep, int(time.time()), thorough=True))
        stays = list(pruned.pop("stays"))
        return {"changed": any(pruned.values()), "pruned": pruned, "stays": stays}

    def _rebuild(self, store: HistoryStore, _arguments: Arguments) -> Result:
        if self._task.check_mode:
            return {"changed": True, "rebuilt": {}}
        return {"changed": True, "rebuilt": asdict(store.upkeep.rebuild())}

    @staticmethod
    def _verify(store: HistoryStore, _arguments: Arguments) -> Result:
        problems = store.upkeep.verify()
        failure = {"failed": True, "msg": " ".join(problems)} if problems else {}
        return {"problems": problems, **failure}

    def _export(self, store: HistoryStore, arguments: Arguments) -> Result:
        lines = [json.dumps(record, sort_keys=True) + "\n" for record in store.upkeep.export()]
        if not self._task.check_mode:
            replace_file(arguments["dest"], "".join(lines).encode("utf-8"))
        return {"changed": True, "exported": len(lines)}

    def _replayed(self, store: HistoryStore, arguments: Arguments, variables: Variables) -> Result:
        policy = policy_from(arguments["policy"], os.getcwd())
        groups = groups_by_host(to_plain(variables.get("groups") or {})) if arguments["match_inventory"] else None
        judge = _replay.judge_by(
            policy, arguments["environment"], lambda hosts: {one.host: one for one in store.owners.of(hosts)}, groups
        )
        found = _replay.replay(
            store.samples(), store.kernels(), judge, since=int(time.time()) - arguments["since_days"] * DAY
        )
        remarks = _replay.left_out(policy, groups)
        if arguments["dest"] and not self._task.check_mode:
            replace_file(arguments["dest"], _as_file(found, arguments, remarks).encode("utf-8"))
        return {"replayed": {**_replay_table.summary(found), "left_out": remarks}}


def _shown(info: StoreInfo) -> Result:
    shown = {name: value for name, value in asdict(info).items() if name != "is_new"}
    for name in ("first_run_at", "last_run_at", "last_report_at"):
        if shown[name] is not None:
            shown[name] = utc_text(shown[name])
    return shown


def _as_file(found: _replay.Replay, arguments: Arguments, remarks: list[str]) -> str:
    if not str(arguments["dest"]).lower().endswith((".html", ".htm")):
        return _replay_table.alarms_csv(found)
    title = f"What this policy would have said in the last {arguments['since_days']} days"
    return _replay_table.page(found, title, remarks)


def _content(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            return handle.read()
    except OSError as exc:
        raise ValueError(f"{path} can't be read: {exc.strerror}.") from None


def _client(arguments: Arguments) -> Client:
    return Client(credentials_of(arguments, os.environ))


def _inventory(variables: Variables) -> list[InventoryHost]:
    """Return the hosts of the play with their ``ansible_host``, each worked out by Ansible."""
    hostvars = variables["hostvars"]
    return [
        InventoryHost(str(name), str(hostvars[name].get("ansible_host") or "") or None)
        for name in variables["ansible_play_hosts_all"]
    ]


def _why_missing(result: Variables) -> str:
    if result.get("unreachable"):
        return "could not be reached"
    return str(result.get("reason") or result.get("msg") or "was not asked").rstrip(".")


def _results(variables: Variables, name: str) -> Iterator[tuple[str, Variables]]:
    """Yield what a task before has registered on each host of the play."""
    hostvars = variables["hostvars"]
    for host in variables["ansible_play_hosts_all"]:
        result = to_plain((hostvars.raw_get(host) or {}).get(name))
        yield str(host), result if isinstance(result, Mapping) else {}
