# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Views for Grafana and other programs that read a history by SQL: times as such programs want them, amounts in bytes.

They stay as they are when tables change, so that nobody's panels break. What is packed (samples that are older than
some days, owners) is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from .schema import SHARE_COLUMNS

_PLAIN = ("uptime_seconds", "cpus_possible", "threads", "cgroups", "processes", "files", "conntrack")


def view_statements(engine: str, sample_columns: Sequence[str]) -> list[str]:
    """Return the SQL that makes the views anew in *engine*. *sample_columns* are those of the table ``sample``."""
    return [
        statement
        for name, select in _views(engine, sample_columns).items()
        for statement in (f"DROP VIEW IF EXISTS {name}", f"CREATE VIEW {name} AS {select}")
    ]


def _views(engine: str, sample_columns: Sequence[str]) -> dict[str, str]:
    def time(column: str) -> str:
        # The data source for SQLite takes seconds since 1970.
        return f"to_timestamp({column})" if engine == "postgresql" else column

    shares = ", ".join(f"fleet_measure.{column}" for column in SHARE_COLUMNS)
    amounts = [
        f"{name} * 1024 AS {name[:-4]}_bytes" if name.endswith("_kib") else name
        for name in sample_columns
        if name.endswith(("_kib", "_limit")) or name in _PLAIN
    ]
    return {
        "grafana_run": f"SELECT {time('started_at')} AS time, name AS run, source, samples, "
        f"{time('reported_at')} AS reported_at, judged_live FROM run",
        "grafana_verdict": f"SELECT {time('run.started_at')} AS time, run.name AS run, verdict, hosts "
        "FROM fleet_verdict JOIN run USING (run_id)",
        "grafana_fleet": f"SELECT {time('run.started_at')} AS time, run.name AS run, measure, hosts, sum_bytes, "
        f"{shares} FROM fleet_measure JOIN run USING (run_id)",
        "grafana_sample": f"SELECT {time('collected_at')} AS time, host.name AS host, run.name AS run, "
        f"{', '.join(amounts)} FROM sample JOIN host USING (host_id) JOIN run USING (run_id)",
        "grafana_finding": f"SELECT {time('run.started_at')} AS time, host.name AS host, dimension, kind, severity, "
        f"status, value, limit_value, {time('finding.first_seen_at')} AS first_seen_at "
        "FROM finding JOIN host USING (host_id) JOIN run USING (run_id)",
        "grafana_rollout": f"SELECT {time('rollout_host.changed_at')} AS time, rollout.name AS rollout, "
        "rollout.state AS rollout_state, target, rollout_host.host, rollout_host.state "
        "FROM rollout_host JOIN rollout USING (rollout_id)",
    }
