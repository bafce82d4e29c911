# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be there for some blocks, by the word after ``needs`` in the comment before them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.newest import newest_report
from ansible_collections.fleetaudit.kernel_memory.tests.awx.controller import awx
from ansible_collections.fleetaudit.kernel_memory.tests.docs.reader import WEB, Reader
from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.imports.watching import DAY, openmetrics, prometheus
from ansible_collections.fleetaudit.kernel_memory.tests.support.postgresql import PASSWORD, USER, Server
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers
from ansible_collections.fleetaudit.kernel_memory.tests.support.wheels import files_of

AWX_MODULES = "ansible==11.13.0"
"""The last series of the package with awx.awx in it."""
OTHER_TOOL = "# ... the other tool upgrades and reboots ..."


@contextmanager
def nothing_more(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """What every reader has. The other tool of the gate's guide upgrades and reboots the hosts of the lab."""
    policy = reader.folder / "gate-policy.yml"
    policy.write_text((lab.folder / "policy.yml").read_text())
    touched = " ".join(f"{lab.folder}/hosts/{name}" for name in (*WEB, "db1"))
    reader.stands_for |= {
        OTHER_TOOL: f"for host in {touched}; do sh {lab.folder}/reboot.sh $host; done",
        "-e kernel_mem_audit_gate_phase=": f"-e kernel_mem_audit_policy={policy} -e kernel_mem_audit_gate_phase=",
        "/srv/sosreports": str(saved_trees(reader, lab)),
        "/var/www/kernel-memory": str(reader.folder / "www"),
    }
    yield


def saved_trees(reader: Reader, lab: GateLab) -> Path:
    """A folder with the saved files of two hosts."""
    folder = reader.folder / "sosreports"
    folder.mkdir()
    for name in WEB[:2]:
        subprocess.run(["cp", "-a", str(lab.folder / "hosts" / name / "now"), str(folder / name)], check=True)
    return folder


@contextmanager
def a_report(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """The reader stands in the folder of the newest report."""
    reader.folder = Path(newest_report(str(reader.folder / "reports"))).parent
    yield


@contextmanager
def a_checkout(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """The reader stands in a clone of the project, with the inventories in it."""
    for name in ("hosts.yml", "inventory"):
        (checkout / name).write_text((reader.folder / name).read_text())
    reader.folder = checkout
    yield


@contextmanager
def a_controller(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """The stand-in for AWX, and AWX's own modules."""
    with awx() as controller:
        reader.environment["ANSIBLE_COLLECTIONS_PATH"] += f":{files_of(AWX_MODULES, 'ansible_collections/awx/')}"
        reader.stands_for["https://awx.example.org"] = controller.url
        yield


@contextmanager
def private_data(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """A folder as ansible-runner wants it."""
    folder = reader.folder / "private"
    for name in ("inventory", "env", "project/playbooks"):
        (folder / name).mkdir(parents=True)
    (folder / "inventory" / "hosts.yml").write_text((reader.folder / "hosts.yml").read_text())
    (folder / "env" / "extravars").write_text("kernel_mem_audit_timeout: 60\n")
    book = "- ansible.builtin.import_playbook: fleetaudit.kernel_memory.audit\n"
    (folder / "project" / "playbooks" / "audit.yml").write_text(book)
    reader.folder = folder
    yield


@contextmanager
def a_rollout(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """The hosts were upgraded under the name that the guide has."""
    hooks = " ".join(lab.hooks())
    (reader.folder / "gate-policy.yml").write_text((lab.folder / "policy.yml").read_text())
    said = reader.types(
        "ansible-playbook fleetaudit.kernel_memory.rolling_upgrade -i inventory -e kernel_mem_audit_hosts=web "
        f"-e kernel_mem_audit_rollout=kernel-2026-11 -e kernel_mem_audit_policy=gate-policy.yml --forks 12 {hooks}"
    )
    assert said.exit_code == 0, said.output
    yield


@contextmanager
def a_past_in_sysstat(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """What sadc has written a moment ago."""
    day = Path("/var/log/sysstat/sa98")
    day.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["/usr/lib/sysstat/sadc", "1", "3", str(day)], check=True)
    try:
        yield
    finally:
        day.unlink()


@contextmanager
def a_past_in_prometheus(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """A real Prometheus that has watched the hosts for ten days."""
    begin = int(time.time()) // DAY * DAY - 10 * DAY
    metrics = {"node_memory_SUnreclaim_bytes": 1024**2, "node_memory_MemTotal_bytes": 0}
    past = openmetrics({f"{name}:9100": metrics for name in (*WEB, "db1")}, begin, 10 * 24)
    with place_for_servers() as name:
        server = prometheus(Path(name), [past])
        try:
            server.wait_for("/-/ready")
            reader.stands_for["https://prometheus.example.org:9090"] = f"http://127.0.0.1:{server.port}"
            yield
        finally:
            server.stop()


@contextmanager
def a_database(reader: Reader, lab: GateLab, checkout: Path) -> Iterator[None]:
    """A PostgreSQL server; its address is in the environment and in a service file, as docs/history.md says."""
    with place_for_servers() as name:
        server = Server(Path(name))
        try:
            service = reader.folder / "pg_service.conf"
            service.write_text(
                f"[fleet]\nhost=127.0.0.1\nport={server.port}\nuser={USER}\npassword={PASSWORD}\ndbname=postgres\n"
            )
            os.chmod(service, 0o600)
            reader.environment |= {"PGSERVICEFILE": str(service), "KERNEL_MEM_AUDIT_HISTORY": "service=fleet"}
            yield
        finally:
            server.stop()
            server.reserved.release()


Stage = Callable[[Reader, GateLab, Path], AbstractContextManager[None]]
STAGES: Mapping[str, Stage] = {
    "": nothing_more,
    "report": a_report,
    "checkout": a_checkout,
    "AWX": a_controller,
    "private data folder": private_data,
    "rollout": a_rollout,
    "sysstat": a_past_in_sysstat,
    "Prometheus": a_past_in_prometheus,
    "PostgreSQL": a_database,
}
