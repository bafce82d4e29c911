# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real tools of Debian's packages have kept comes in by the playbook, as a user runs it.

PCP is not among them: its package does not configure without systemd. Its saved outputs are in the unit tests.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN, Series
from ansible_collections.fleetaudit.kernel_memory.tests.imports.watching import (
    DAY,
    Started,
    netdata,
    node_exporter,
    openmetrics,
    prometheus,
)
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers

MIB = 1024**2
GROWS = {"node_memory_SUnreclaim_bytes": 200 * MIB, "node_memory_MemTotal_bytes": 0, "node_memory_Percpu_bytes": 0}


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible in an empty folder."""
    return Ansible(tmp_path)


Start = Callable[[Callable[[Path], Started]], Started]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers in folders of their own, and stops them."""
    running: list[Started] = []
    with place_for_servers() as name:

        def begin(make: Callable[[Path], Started]) -> Started:
            folder = Path(name) / str(len(running))
            folder.mkdir()
            running.append(make(folder))
            return running[-1]

        yield begin
        for one in running:
            one.stop()


def bring(ansible: Ansible, source: str, hosts: str, **settings: str) -> Result:
    """Run the playbook for an inventory."""
    inventory = ansible.write("hosts.yml", f"all: {{vars: {{ansible_connection: local}}, hosts: {hosts}}}\n")
    given = {"import_source": source, **settings}
    words = [word for name, text in given.items() for word in ("-e", json.dumps({f"kernel_mem_audit_{name}": text}))]
    return ansible.command("ansible-playbook", "-i", str(inventory), "fleetaudit.kernel_memory.import_history", *words)


def kept(ansible: Ansible) -> dict[str, Series]:
    """The samples in the history, by host."""
    store = open_store(str(ansible.folder / "reports" / "history.sqlite3"))
    with closing(store):
        return {series.host: series for series in store.samples()}


def test_prometheus_by_address_full_name_and_short_name(ansible: Ansible, start: Start) -> None:
    """Thirty days of four instances: three are hosts, one is a stranger; two clusters share a fifth. Each sample is the
    median of its day, as it can be worked out by hand.
    """
    begin = int(time.time()) // DAY * DAY - 30 * DAY
    instances = ("192.0.2.3:9100", "web7.example.org:9100", "app1.example.org:9100", "stranger:9100")
    past = openmetrics(dict.fromkeys(instances, GROWS), begin, 30 * 24)
    shared = [openmetrics({"twice:9100": GROWS}, begin, 48, labels=f',cluster="{cluster}"') for cluster in ("a", "b")]
    server = start(lambda folder: prometheus(folder, [past, *shared]))
    server.wait_for("/-/ready")
    hosts = "{db1: {ansible_host: 192.0.2.3}, web7.example.org: {}, app1: {}, twice: {}}"
    asked = {"import_url": f"http://127.0.0.1:{server.port}", "import_days": "40"}
    result = bring(ansible, "prometheus", hosts, **asked)
    assert result.exit_code == 0, result.output
    assert re.search(r"3 hosts, 30 days, 90 samples added, .*matched no host: stranger:9100; refused", result.output)
    assert "twice:9100 is in several series at the same time; give a selector" in result.output
    found = kept(ansible)
    assert set(found) == {"db1", "web7.example.org", "app1"}
    (first, *_others) = found["db1"].columns["slab_unreclaimable_kib"]
    # The lower median of 24 hours is that of 11:00.
    assert first == (500_000_000 + 200 * MIB * 11 // 24) // 1024
    again = bring(ansible, "prometheus", hosts, **asked, import_selector='cluster!="b"')
    assert re.search(r"4 hosts, 30 days, 2 samples added \(90 were there already\)", again.output), again.output


def test_the_reason_of_prometheus_is_told(ansible: Ansible, start: Start) -> None:
    """A selector that is no PromQL: the server's own words say where."""
    server = start(lambda folder: prometheus(folder, []))
    server.wait_for("/-/ready")
    settings = {"import_url": f"http://127.0.0.1:{server.port}", "import_selector": "job=node"}
    result = bring(ansible, "prometheus", "{web1: {}}", **settings)
    said = " ".join(result.output.split())
    assert result.exit_code != 0 and re.search(r"answers HTTP 400: .*parse error: unexpected identifier", said), said


def test_prometheus_that_wants_a_certificate_of_ours(ansible: Ansible, start: Start, tmp_path: Path) -> None:
    """TLS with an authority of its own, in both directions; without ours it is refused in a sentence."""
    config = (
        "[req]\ndistinguished_name=dn\n[dn]\n[v3]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:TRUE\n"
    )
    (tmp_path / "openssl.cnf").write_text(config)
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -config openssl.cnf -extensions v3"
    subprocess.run(
        [*made.split(), "-keyout", "key.pem", "-out", "cert.pem"], cwd=tmp_path, check=True, capture_output=True
    )
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    web = (
        f"tls_server_config: {{cert_file: {cert}, key_file: {key}, client_ca_file: {cert}, "
        "client_auth_type: RequireAndVerifyClientCert}\n"
    )
    begin = int(time.time()) // DAY * DAY - 3 * DAY
    past = openmetrics({"web1:9100": GROWS}, begin, 72)
    server = start(lambda folder: prometheus(folder, [past], web=web))
    while "Server is ready" not in server.log.read_text():
        time.sleep(0.2)
    asked = {"import_url": f"https://127.0.0.1:{server.port}", "import_days": "3", "import_ca_path": cert}
    refused = bring(ansible, "prometheus", "{web1: {}}", **asked)
    assert refused.exit_code != 0 and "can't be asked: " in refused.output and "Traceback" not in refused.output
    result = bring(ansible, "prometheus", "{web1: {}}", **asked, import_client_cert=cert, import_client_key=key)
    assert result.exit_code == 0 and "1 host, 3 days, 3 samples added" in result.output, result.output


def test_a_saved_answer_about_a_real_node_exporter(ansible: Ansible, start: Start) -> None:
    """Every dimension that the exporter knows of this very machine."""
    exporter = start(node_exporter)
    exporter.wait_for("/metrics", "node_memory_Percpu_bytes")
    server = start(lambda folder: prometheus(folder, [], [f"127.0.0.1:{exporter.port}"]))
    server.wait_for("/api/v1/query?query=node_memory_Percpu_bytes", '"value"')
    now = int(time.time())
    query = '{__name__=~"node_memory_.*|node_boot_time_seconds|node_uname_info"}'
    asked = urlencode({"query": query, "start": now - 60, "end": now + 2, "step": 1})
    saved = ansible.write("answer.json", server.wait_for(f"/api/v1/query_range?{asked}", "node_memory_Percpu_bytes"))
    result = bring(ansible, "prometheus", "{here: {ansible_host: 127.0.0.1}}", import_files=str(saved))
    assert result.exit_code == 0 and "1 host, 1 day, 1 sample added" in result.output, result.output
    columns = kept(ansible)["here"].columns
    known = {name for name, column in columns.items() if column[0] != UNKNOWN}
    assert {
        f"{name}_kib" for name in ("slab_unreclaimable", "kernel_stack", "page_tables", "percpu", "vmalloc")
    } <= known
    assert {"memory_total_kib", "uptime_seconds", "kernel_key", "kernel_unreclaimable_kib"} <= known


def test_a_real_sysstat(ansible: Ansible) -> None:
    """What sadc has written a moment ago. The total of memory is the sum of its parts, which is near the kernel's."""
    day = Path("/var/log/sysstat/sa99")
    day.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["/usr/lib/sysstat/sadc", "1", "3", str(day)], check=True)
    try:
        result = bring(ansible, "sysstat", "{here: {}}")
    finally:
        day.unlink()
    assert result.exit_code == 0 and "1 host, " in result.output, result.output
    assert "dimensions kernel_stack, page_tables, vmalloc." in result.output
    columns = kept(ansible)["here"].columns
    total = int(Path("/proc/meminfo").read_text().split()[1])
    assert 0.8 * total < columns["memory_total_kib"][0] <= total


def test_a_real_netdata(ansible: Ansible, start: Start) -> None:
    """Two hosts, of which one has no agent: it is named, and the other comes in, with no sample of the future."""
    agent = start(netdata)
    agent.wait_for("/api/v1/data?chart=mem.slab&format=json&options=seconds&points=1", "unreclaimable")
    for chart in ("mem.kernel", "mem.available", "system.uptime"):
        agent.wait_for(f"/api/v1/data?chart={chart}&format=json&options=seconds&points=1", "labels")
    hosts = (
        f"{{here: {{kernel_mem_audit_import_own_url: 'http://127.0.0.1:{agent.port}'}}, "
        "none: {kernel_mem_audit_import_own_url: 'http://127.0.0.1:9'}}"
    )
    result = bring(ansible, "netdata", hosts, import_days="2")
    assert result.exit_code == 0 and "1 host, 1 day, 1 sample added" in result.output, result.output
    assert re.search(r"http://127.0.0.1:9/api/v1/data can't be asked: Connection refused: none\.", result.output)
    columns = kept(ansible)["here"].columns
    assert columns["collected_at"][0] <= time.time()
    kib = int(re.search(r"SUnreclaim: +(\d+)", Path("/proc/meminfo").read_text())[1])
    assert 0.5 * kib < columns["slab_unreclaimable_kib"][0] < 2 * kib


def test_an_import_is_never_the_last_run(ansible: Ansible, start: Start) -> None:
    """ "Changed since" compares with the last audit, and whatever an import brought is no news."""
    begin = int(time.time()) // DAY * DAY - 9 * DAY
    server = start(lambda folder: prometheus(folder, [openmetrics({"web1": GROWS}, begin, 9 * 24)]))
    server.wait_for("/-/ready")
    result = bring(ansible, "prometheus", "{web1: {}}", import_url=f"http://127.0.0.1:{server.port}")
    assert result.exit_code == 0, result.output
    audited = ansible.audit("-i", "web1,", "-c", "local", "-e", "kernel_mem_audit_report_dir=one")
    assert audited.exit_code == 0, audited.output
    audit = json.loads((ansible.folder / "one" / "audit.json").read_text())
    assert audit["changes"] is None or audit["changes"]["previous_run_at"] is None
    with sqlite3.connect(ansible.folder / "reports" / "history.sqlite3") as store:
        assert store.execute("SELECT count(*) FROM run WHERE source LIKE 'import:%'").fetchone() == (9,)
