# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must offer to Grafana and other programs that read it by SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.views import view_statements
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.fleet import sums_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.rollout import Step
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    GIB,
    MIB,
    MIDNIGHT,
    add,
    finding,
    sample,
)

DASHBOARD = Path(__file__).resolve().parents[5] / "docs" / "examples" / "grafana-history-dashboard.json"
GUIDE = Path(__file__).resolve().parents[5] / "docs" / "history.md"


def queries() -> dict[str, list[str]]:
    """The queries of the guide by the engine that they are for."""
    text = GUIDE.read_text(encoding="utf-8")
    section = text.split("\n## Grafana\n")[1].split("\n## ")[0]
    found = re.findall(r"```sql\n-- (PostgreSQL|SQLite)[^\n]*\n(.*?)```", section, re.DOTALL)
    return {engine.lower(): [sql for name, sql in found if name == engine] for engine in ("PostgreSQL", "SQLite")}


class ViewsSuite:
    """Whoever takes it in has a fixture ``where``."""

    @pytest.fixture
    def filled(self, where: str) -> Iterator[SqlStore]:
        store = open_store(where)
        assert isinstance(store, SqlStore)
        for day in range(3):
            moment = MIDNIGHT + day * DAY
            samples = [sample("web1", moment, slab=(day + 1) * GIB, files=70), sample("web2", moment, threads=None)]
            add(store, f"r{day}", moment, samples, {"web1": [finding()], "web2": []})
            store.runs.keep_sums(f"r{day}", sums_of(samples, {"ok": 1, "warning": 1}))
        store.rollouts.begin("patch", "7.*", state="open", policy_digest="", document="", step=Step("a", "b"))
        store.rollouts.add_hosts("patch", ["web1"], state="planned", document="", step=Step("a", "b"))
        yield store
        store.close()

    @staticmethod
    def time(store: SqlStore, moment: int) -> object:
        """A time as a view gives it."""
        return moment if store.engine.kind == "sqlite" else datetime.fromtimestamp(moment, timezone.utc)

    def test_every_panel_of_the_dashboard_has_something_to_show(self, filled: SqlStore) -> None:
        """A panel whose query the views refuse is red, and one that finds nothing is empty; no Grafana is at hand."""
        filled.runs.reported("r2")
        dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        panels = {panel["title"]: panel["targets"][0]["rawSql"] for panel in dashboard["panels"]}
        assert len(panels) == 7
        whole = "0 AND 9000000000" if filled.engine.kind == "sqlite" else "to_timestamp(0) AND to_timestamp(9000000000)"
        for title, query in (*panels.items(), ("host", dashboard["templating"]["list"][1]["query"])):
            sql = query.replace("$__timeFilter(time)", f"time BETWEEN {whole}").replace("${host:sqlstring}", "'web1'")
            assert "$" not in sql, title
            assert filled.engine.rows(sql), title

    def test_amounts_are_bytes_and_unknown_is_null(self, filled: SqlStore) -> None:
        """Panels must not have to know of KiB and keys."""
        found = filled.engine.rows(
            "SELECT time, host, slab_unreclaimable_bytes, threads, files, memory_total_bytes, run FROM grafana_sample "
            "ORDER BY time, host"
        )
        first = self.time(filled, MIDNIGHT)
        assert found[:2] == [
            (first, "web1", GIB, 900, 70, 64 * GIB, "r0"),
            (first, "web2", 512 * MIB, None, None, 64 * GIB, "r0"),
        ]

    def test_the_fleet_is_there_by_run(self, filled: SqlStore) -> None:
        """Sums and quantiles, and hosts by verdict."""
        found = filled.engine.rows(
            "SELECT time, hosts, sum_bytes, p0, p50, p100 FROM grafana_fleet WHERE measure = 'slab_unreclaimable' "
            "ORDER BY time"
        )
        assert found[1][:3] == (self.time(filled, MIDNIGHT + DAY), 2, 2 * GIB + 512 * MIB)
        assert [round(share, 4) for share in found[1][3:]] == [0.0078, 0.0078, 0.0312]
        verdicts = filled.engine.rows(
            "SELECT verdict, sum(hosts) FROM grafana_verdict GROUP BY verdict ORDER BY verdict"
        )
        assert [(name, int(hosts)) for name, hosts in verdicts] == [("ok", 3), ("warning", 3)]

    def test_findings_runs_and_rollouts_are_there(self, filled: SqlStore) -> None:
        rows = filled.engine.rows
        assert rows(
            "SELECT host, dimension, kind, severity, first_seen_at FROM grafana_finding ORDER BY time DESC LIMIT 1"
        ) == [("web1", "slab_unreclaimable", "growth", "warning", self.time(filled, MIDNIGHT))]
        assert rows("SELECT run, source, samples, judged_live FROM grafana_run ORDER BY time LIMIT 1") == [
            ("r0", "audit", 2, 2)
        ]
        assert rows("SELECT rollout, rollout_state, target, host, state FROM grafana_rollout") == [
            ("patch", "open", "7.*", "web1", "planned")
        ]

    def test_each_query_of_the_guide_answers(self, filled: SqlStore) -> None:
        """Whoever copies one from docs/history.md must get a picture. Grafana's macros are put in as it does."""
        examples = queries()[filled.engine.kind]
        assert len(examples) >= 3
        for query in examples:
            sql = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 IS NOT NULL", query)
            sql = sql.replace("$__from", str((MIDNIGHT - DAY) * 1000)).replace(
                "$__to", str((MIDNIGHT + 9 * DAY) * 1000)
            )
            assert "$" not in sql, sql
            assert filled.engine.rows(sql.strip().rstrip(";")), sql

    def test_a_new_column_is_in_the_view(self, filled: SqlStore) -> None:
        """Also one that a later release has added: the view is made anew with it."""
        with filled.engine.writing():
            for statement in view_statements(filled.engine.kind, filled.engine.columns("sample")):
                filled.engine.change(statement)
        names = set(filled.engine.columns("grafana_sample"))
        assert {f"{name[:-4]}_bytes" for name in COLUMNS if name.endswith("_kib")} < names
        assert "boot_key" not in names and "origin" not in names, "what only this program understands"
