# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look after the history store: say what is in it, import, prune, verify, export, replay."""

from __future__ import annotations

import glob
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.urls import open_url
from ansible.plugins.action import ActionBase

from ..plugin_utils._history_arguments import EXPORT, check_history_arguments, history_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils.history.location import history_location
from ..plugin_utils.history.opening import open_store
from ..plugin_utils.history.store import HistoryStore, Retention, StoreInfo
from ..plugin_utils.importers import to_samples as _importing
from ..plugin_utils.judging import replay as _replay
from ..plugin_utils.judging import replay_table as _replay_table
from ..plugin_utils.model.times import DAY, utc_text
from ..plugin_utils.outputs.write import replace_file
from ..plugin_utils.policy.source import policy_from

_TIMEOUT = 60
_LARGEST_ANSWER = 256 * 1024**2


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection to a host."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do one operation on the store."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(history_argument_spec())
        try:
            answer = self._operate(to_plain(arguments))
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **answer}

    def _operate(self, arguments: dict[str, Any]) -> dict[str, Any]:
        check_history_arguments(arguments)
        where = history_location(arguments["store"], os.environ, os.getcwd())
        if where is None:
            raise ValueError("The history is switched off (none), so there is no store to work on; give store.")
        operations: dict[str, Callable[[HistoryStore, dict[str, Any]], dict[str, Any]]] = {
            "info": lambda _store, _arguments: {},
            "import": self._import,
            "prune": self._prune,
            "verify": self._verify,
            "rebuild": self._rebuild,
            "export": self._export,
            "replay": self._replayed,
        }
        operation = arguments["operation"]
        writes = operation in ("import", "prune", "rebuild") and not self._task.check_mode
        store = open_store(where, create=operation == "import" and writes, write=writes)
        try:
            answer = operations[operation](store, arguments)
            return {**answer, "store": _shown(store.info)}
        finally:
            store.close()

    def _import(self, store: HistoryStore, arguments: dict[str, Any]) -> dict[str, Any]:
        texts = list(self._texts(arguments))
        if arguments["source"] == EXPORT:
            records = [json.loads(line) for text in texts for line in text.content.splitlines() if line.strip()]
            added = None if self._task.check_mode else store.upkeep.load(records)
            return {
                "changed": bool(added and added.inserted),
                "imported": {"days": 0, "hosts": [], **(asdict(added) if added else {})},
            }
        points = _importing.points_of(arguments["source"], texts, arguments["host"])
        days = _importing.samples_of(points, {str(key): str(name) for key, name in arguments["names"].items()})
        if self._task.check_mode:
            hosts = sorted({sample.host for samples in days.values() for sample in samples})
            return {"changed": True, "imported": {"days": len(days), "hosts": hosts, "inserted": 0, "duplicates": 0}}
        added_days = _importing.store_days(store, arguments["source"], days)
        return {
            "changed": added_days.inserted > 0,
            "imported": {**asdict(added_days), "hosts": sorted(added_days.hosts)},
        }

    @staticmethod
    def _texts(arguments: dict[str, Any]) -> Iterator[_importing.Text]:
        for number, content in enumerate(arguments["content"], 1):
            yield _importing.Text(f"content {number}", content)
        for pattern in arguments["files"]:
            paths = sorted(glob.glob(os.path.abspath(os.path.expanduser(pattern))))
            if not paths:
                raise ValueError(f"There is no file {pattern}.")
            for path in paths:
                yield _importing.Text(path, _read(path))
        if arguments["url"]:
            for address in _importing.addresses(
                arguments["source"], arguments["url"], arguments["days"], int(time.time())
            ):
                yield _importing.Text(address.split("?")[0], _fetch(address))

    def _prune(self, store: HistoryStore, arguments: dict[str, Any]) -> dict[str, Any]:
        if self._task.check_mode:
            return {"pruned": {}}
        keep = Retention(samples_days=arguments["keep_days"], history_days=arguments["keep_history_days"])
        pruned = asdict(store.upkeep.prune(keep, int(time.time()), thorough=True))
        stays = list(pruned.pop("stays"))
        return {"changed": any(pruned.values()), "pruned": pruned, "stays": stays}

    def _rebuild(self, store: HistoryStore, _arguments: dict[str, Any]) -> dict[str, Any]:
        if self._task.check_mode:
            return {"changed": True, "rebuilt": {}}
        return {"changed": True, "rebuilt": asdict(store.upkeep.rebuild())}

    @staticmethod
    def _verify(store: HistoryStore, _arguments: dict[str, Any]) -> dict[str, Any]:
        problems = store.upkeep.verify()
        failure = {"failed": True, "msg": " ".join(problems)} if problems else {}
        return {"problems": problems, **failure}

    def _export(self, store: HistoryStore, arguments: dict[str, Any]) -> dict[str, Any]:
        lines = [json.dumps(record, sort_keys=True) + "\n" for record in store.upkeep.export()]
        if not self._task.check_mode:
            replace_file(arguments["dest"], "".join(lines).encode("utf-8"))
        return {"changed": True, "exported": len(lines)}

    def _replayed(self, store: HistoryStore, arguments: dict[str, Any]) -> dict[str, Any]:
        policy = policy_from(arguments["policy"], os.getcwd())
        judge = _replay.judge_by(
            policy, arguments["environment"], lambda hosts: {one.host: one for one in store.owners.of(hosts)}
        )
        found = _replay.replay(
            store.samples(), store.kernels(), judge, since=int(time.time()) - arguments["since_days"] * DAY
        )
        if arguments["dest"] and not self._task.check_mode:
            replace_file(arguments["dest"], _replay_table.alarms_csv(found).encode("utf-8"))
        return {"replayed": _replay_table.summary(found)}


def _shown(info: StoreInfo) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(info).items() if name != "is_new"}
    for name in ("first_run_at", "last_run_at", "last_report_at"):
        if shown[name] is not None:
            shown[name] = utc_text(shown[name])
    return shown


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as handle:
            return handle.read()
    except OSError as exc:
        raise ValueError(f"{path} can't be read: {exc.strerror}.") from None


def _fetch(address: str) -> str:
    try:
        with open_url(address, timeout=_TIMEOUT) as answer:
            body: bytes = answer.read(_LARGEST_ANSWER + 1)
    except OSError as exc:
        raise ValueError(f"{address.split('?')[0]} can't be asked: {exc}.") from None
    if len(body) > _LARGEST_ANSWER:
        raise ValueError(f"{address.split('?')[0]} answers with more than 256 MiB; ask for fewer days.")
    return body.decode("utf-8", "replace")
