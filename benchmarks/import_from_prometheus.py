# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory an import of a large fleet from Prometheus takes, and whether it can be begun again.

Usage: PYTHONPATH=.cache/collections .venv/newest/bin/python benchmarks/import_from_prometheus.py --hosts 400

A stand-in server of another process answers label values and query_range for all metrics of node_exporter at an hour a
point. The import writes into an SQLite file. With --end-after it is ended after so many shards first, and begun again.
What the stand-in does not show is how long a real server takes.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import resource
import tempfile
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import prometheus
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.http_client import Client, Credentials
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.keeping import Keeper
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.names import (
    InventoryHost,
    Matcher,
    NameRules,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.prometheus_server import Server, shards

MIB = 1024**2
NOW = 1795521600
NAMES = (*prometheus.METRICS, prometheus.BOOT_TIME, prometheus.UNAME)


def serve(pipe: Connection, hosts: int) -> None:
    """Answer for some hosts: every metric grows a little from hour to hour."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Answer a query."""
            asked = {name: texts[0] for name, texts in parse_qs(urlsplit(self.path).query).items()}
            self.send_response(200)
            self.end_headers()
            if "match[]" in asked:
                names = [f"host{number:05}.example.org:9100" for number in range(hosts)]
                self.wfile.write(json.dumps({"status": "success", "data": names}).encode())
                return
            times = range(int(asked["start"]), int(asked["end"]) + 1, int(asked["step"]))
            rows = {
                name: ",".join(f'[{time},"{500_000_000 + place * 10_000_000 + time // 60}"]' for time in times)
                for place, name in enumerate(NAMES)
            }
            rows[prometheus.BOOT_TIME] = ",".join(f'[{time},"1700000000"]' for time in times)
            self.wfile.write(b'{"status":"success","data":{"resultType":"matrix","result":[')
            first = True
            for host in re.findall(r"host\d{5}", asked["query"]):
                for name in NAMES:
                    labels = f'"__name__":"{name}","instance":"{host}.example.org:9100","job":"node","release":"6.1.0"'
                    text = f'{{"metric":{{{labels}}},"values":[{rows[name]}]}}'
                    self.wfile.write((text if first else "," + text).encode())
                    first = False
            self.wfile.write(b"]}}")

    server = HTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_address[1])
    server.serve_forever()


def bring(port: int, hosts: int, days: int, where: Path, end_after: int | None) -> tuple[int, int, int]:
    """Import; return the shards, the samples added, and those that were there."""
    store = open_store(str(where))
    keeper = Keeper(store, "prometheus")
    inventory = [InventoryHost(f"host{number:05}.example.org") for number in range(hosts)]
    server = Server(f"http://127.0.0.1:{port}", Client(Credentials()).ask)
    number = 0
    for number, points in enumerate(shards(server, days, NOW, Matcher(NameRules(hosts=inventory))), 1):
        keeper.add_points(points)
        if number == end_after:
            break
    else:
        keeper.flush()
    store.close()
    return number, keeper.imported.inserted, keeper.imported.duplicates


def peak() -> float:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Import once, or ended and begun again, and print the figures."""
    parser = argparse.ArgumentParser(description="Memory of an import from Prometheus.")
    parser.add_argument("--hosts", type=int, default=400)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--end-after", type=int, help="end it after so many shards, and begin it again")
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, options.hosts), daemon=True)
    server.start()
    before, began = peak(), time.process_time()
    port = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "history.sqlite3"
        if options.end_after:
            number, added, _there = bring(port, options.hosts, options.days, where, options.end_after)
            print(f"ended after {number} shards: {added:,} samples were written")
        number, added, there = bring(port, options.hosts, options.days, where, None)
        size = where.stat().st_size / MIB
    server.terminate()
    spent = time.process_time() - began
    values = options.hosts * (options.days * 24 + NOW % 86400 // 3600) * len(NAMES)
    print(
        f"{options.hosts:,} hosts, {options.days} days, {number} shards: {added:,} samples added, "
        f"{there:,} were there; peak {peak():.0f} MiB (before the import {before:.0f} MiB); {spent:.0f} s CPU for "
        f"{values / 1e6:.1f} million values; the file has {size:.1f} MiB"
    )


if __name__ == "__main__":
    main()
