# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Prometheus, node_exporter and Netdata of Debian's packages, each in a folder and at a port of its own."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.support.port import ReservedPort

HOUR, DAY = 3600, 86400
BASE = 500_000_000
"""What each metric of a past begins with."""
PATIENCE = 120
"""Seconds that a server may take until it answers on a busy machine."""


class Started:
    """A program that serves at a port, until it is stopped."""

    def __init__(self, folder: Path, command: Sequence[str], port: ReservedPort) -> None:
        self.port = port.number
        self._reserved = port
        # A server that does not allow others beside it at its port would not start.
        port.release()
        self.log = folder / "log"
        with open(self.log, "wb") as handle:
            self._process = subprocess.Popen(command, cwd=folder, stdout=handle, stderr=subprocess.STDOUT)

    def wait_for(self, path: str, has: str = "") -> str:
        """Return the answer at a path as soon as there is one that has a text in it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                    body: str = answer.read().decode()
                if has in body:
                    return body
            except OSError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"nothing with {has!r} at {path}; its log:\n{self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def openmetrics(hosts: Mapping[str, Mapping[str, int]], begin: int, hours: int, labels: str = "") -> str:
    """The past of some instances, hour by hour: for each metric what it has at the beginning and gains in a day."""
    lines = []
    for name in sorted({name for metrics in hosts.values() for name in metrics}):
        lines.append(f"# TYPE {name} gauge")
        for instance, metrics in hosts.items():
            lines += [
                f'{name}{{instance="{instance}"{labels}}} {BASE + metrics[name] * hour // 24} {begin + hour * HOUR}'
                for hour in range(hours)
                if name in metrics
            ]
    return "\n".join([*lines, "# EOF", ""])


def prometheus(folder: Path, past: Sequence[str], targets: Sequence[str] = (), web: str = "") -> Started:
    """A server with a past, which scrapes some targets each second. *web* is its web configuration."""
    for number, text in enumerate(past):
        (folder / "past.txt").write_text(text)
        made = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "past.txt", f"blocks{number}"]
        subprocess.run(made, cwd=folder, check=True, capture_output=True)
        for block in (folder / f"blocks{number}").iterdir():
            (folder / "data").mkdir(exist_ok=True)
            block.rename(folder / "data" / block.name)
    jobs = (
        f"scrape_configs: [{{job_name: node, scrape_interval: 1s, static_configs: [{{targets: {list(targets)}}}]}}]\n"
    )
    (folder / "prometheus.yml").write_text(jobs)
    (folder / "web.yml").write_text(web)
    port = ReservedPort("127.0.0.1")
    command = [
        "prometheus",
        "--config.file=prometheus.yml",
        "--web.config.file=web.yml",
        f"--web.listen-address=127.0.0.1:{port.number}",
        "--storage.tsdb.path=data",
        "--storage.tsdb.retention.time=400d",
    ]
    return Started(folder, command, port)


def node_exporter(folder: Path) -> Started:
    """An exporter of this machine's memory."""
    port = ReservedPort("127.0.0.1")
    collectors = ["--collector.disable-defaults", "--collector.meminfo", "--collector.uname", "--collector.stat"]
    return Started(
        folder, ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port.number}", *collectors], port
    )


def netdata(folder: Path) -> Started:
    """An agent that watches this machine, and nobody else hears of."""
    for name in ("cache", "lib", "logs"):
        (folder / name).mkdir()
    off = "\n".join(
        f"    {name} = no" for name in ("enable running new plugins", "apps", "python.d", "go.d", "charts.d")
    )
    (folder / "netdata.conf").write_text(
        f"[directories]\n    cache = {folder}/cache\n    lib = {folder}/lib\n    log = {folder}/logs\n"
        f"[global]\n    run as user = root\n[web]\n    bind to = 127.0.0.1\n[plugins]\n{off}\n"
        "[statsd]\n    enabled = no\n[ml]\n    enabled = no\n[cloud]\n    enabled = no\n"
    )
    port = ReservedPort("127.0.0.1")
    return Started(folder, ["netdata", "-D", "-c", str(folder / "netdata.conf"), "-p", str(port.number)], port)
