# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the report to the act: the inventory plugin, the lookup and the examples work as they are documented."""

from __future__ import annotations

import json
import shutil
import stat
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import ROOT, Ansible, Result
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

EXAMPLES = ROOT / "docs" / "examples"
# What a running unit of systemd looks like to Ansible's module.
ANSWERS = {"systemctl": "printf 'Id=postgresql.service\\nLoadState=loaded\\nActiveState=active\\n'\n"}
EVIL = "{{ lookup('pipe', 'touch /tmp/should-not-be-there') }}"


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible in a folder with an audit of a fleet and an inventory of the same hosts, all local."""
    made = Ansible(tmp_path)
    fleet = audit_with_history()
    bad = next(host for host in fleet["hosts"] if host["verdict"] == "critical")
    # The first critical host has a process with a hostile name and a unit.
    process = {"pid": 7, "command": EVIL, "bytes": 1 << 30, "cgroup": "/system.slice/postgresql.service"}
    bad["findings"][0].update(dimension="page_tables")
    rows = {"seen": 1, "total_bytes": 1 << 30, "processes": [{**process, "container_id": None}]}
    bad["attribution"] = {"page_table_processes": {"complete": True, "reason": None, "duration_ms": 1, **rows}}
    made.write("reports/2026-11-24T120000Z/audit.json", audit_json.render(read(fleet)))
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    hosts = {host["name"]: local for host in fleet["hosts"] if host["verdict"] != "ok"}
    made.write("hosts.yml", json.dumps({"all": {"hosts": hosts}}))
    made.write("last.kernel_memory.yml", "plugin: fleetaudit.kernel_memory.findings\nsource: reports\n")
    made.write("first-critical", bad["name"])
    shutil.copytree(EXAMPLES / "act", made.folder / "act")
    shutil.copy(EXAMPLES / "act.yml", made.folder / "act.yml")
    return made


def first_critical(ansible: Ansible) -> str:
    """The critical host with an owner."""
    return (ansible.folder / "first-critical").read_text()


def inventory(ansible: Ansible, *sources: str) -> dict[str, Any]:
    """What ansible-inventory makes of them."""
    said = ansible.command(
        "ansible-inventory", *[word for source in sources for word in ("-i", source)], "--list", ANSIBLE_NOCOLOR="1"
    )
    assert said.exit_code == 0, said.output
    found: dict[str, Any] = json.loads(said.output[said.output.index("{") :])
    return found


def test_the_inventory_groups_the_hosts_of_an_audit(ansible: Ansible) -> None:
    """Beside another inventory only its hosts are taken, alone all of them."""
    beside = inventory(ansible, "hosts.yml", "last.kernel_memory.yml")
    known = set(json.loads((ansible.folder / "hosts.yml").read_text())["all"]["hosts"])
    assert set(beside["_meta"]["hostvars"]) == known
    assert first_critical(ansible) in beside["kernel_memory_critical"]["hosts"]
    assert "kernel_memory_dimension_page_tables" in beside
    alone = inventory(ansible, "last.kernel_memory.yml")
    assert len(alone["_meta"]["hostvars"]) == 200 and alone["kernel_memory_ok"]["hosts"]


def test_a_name_from_a_host_is_never_a_template(ansible: Ansible) -> None:
    """A process may call itself what it likes."""
    name = first_critical(ansible)
    book = (
        "- hosts: kernel_memory_critical\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.debug:\n        msg: 'owner {{ kernel_memory.owner }} unit {{ kernel_memory.unit }}'\n"
    )
    said = ansible.command(
        "ansible-playbook",
        str(ansible.write("book.yml", book)),
        "-i",
        "hosts.yml",
        "-i",
        "last.kernel_memory.yml",
        "--limit",
        name,
    )
    assert said.exit_code == 0, said.output
    assert "unit postgresql.service" in said.output and "lookup(" in said.output
    assert not Path("/tmp/should-not-be-there").exists()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "give source or history, one of them."),
        ("source: reports\nhistory: x\n", "give source or history, one of them."),
        ("source: nowhere\n", "There is no file"),
        ("source: reports\nmaximum_age: 1\n", "hours old, and maximum_age is 1"),
        ("source: reports\ninvestigation: reports\n", "investigation.json can't be read"),
    ],
)
def test_a_wrong_source_is_one_sentence(ansible: Ansible, text: str, sentence: str) -> None:
    """And no host is acted on."""
    ansible.write("bad.kernel_memory.yml", f"plugin: fleetaudit.kernel_memory.findings\n{text}")
    said = ansible.command(
        "ansible-inventory", "-i", "bad.kernel_memory.yml", "--list", ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1"
    )
    assert said.exit_code != 0
    assert sentence in " ".join(said.output.split()), said.output


def test_groups_of_ones_own(ansible: Ansible) -> None:
    """From the variables, as in any constructed inventory."""
    shutil.copy(EXAMPLES / "last.kernel_memory.yml", ansible.folder / "own.kernel_memory.yml")
    text = (ansible.folder / "own.kernel_memory.yml").read_text().replace("maximum_age: 26", "")
    ansible.write(
        "own.kernel_memory.yml", text.replace("days_left < 7", "days_left < 7 or kernel_memory.unit is not none")
    )
    found = inventory(ansible, "hosts.yml", "own.kernel_memory.yml")
    assert "kernel_memory_critical" in found


def test_the_lookup_gives_the_same(ansible: Ansible) -> None:
    """For a loop or a template."""
    book = (
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - ansible.builtin.debug:\n"
        "        msg: \"{{ query('fleetaudit.kernel_memory.findings', 'reports', verdict=['critical'])"
        " | map(attribute='name') | join(' ') }}\"\n"
    )
    said = ansible.play(book, inventory="all: {hosts: {localhost: {ansible_connection: local}}}")
    assert said.exit_code == 0 and first_critical(ansible) in said.output, said.output


def act(ansible: Ansible, what: str, *arguments: str) -> Result:
    """Run the example with a hook, on the first critical host, with stand-ins for the programs that it calls."""
    for program in ("kubectl", "scontrol", "systemctl"):
        path = ansible.write(
            f"bin/{program}", f'#!/bin/sh\necho {program} "$@" >> "{ansible.folder}/called"\n{ANSWERS.get(program, "")}'
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return ansible.command(
        "ansible-playbook",
        "act.yml",
        "-i",
        "hosts.yml",
        "-i",
        "last.kernel_memory.yml",
        "--limit",
        first_critical(ansible),
        "-e",
        f"kernel_mem_audit_act={what}",
        *arguments,
        PATH=f"{ansible.folder}/bin:{ansible.environment['PATH']}",
    )


def called(ansible: Ansible) -> str:
    """What the stand-ins were called with."""
    path = ansible.folder / "called"
    return path.read_text() if path.exists() else ""


def test_a_node_of_kubernetes_is_drained_and_first_tried(ansible: Ansible) -> None:
    """With --check the server is only asked."""
    name = first_critical(ansible)
    assert act(ansible, "drain_kubernetes", "--check").exit_code == 0
    assert called(ansible) == (
        f"kubectl drain {name} --ignore-daemonsets --delete-emptydir-data --timeout=600s --dry-run=server\n"
    )
    assert act(ansible, "drain_kubernetes").exit_code == 0
    assert called(ansible).splitlines()[1].endswith("--timeout=600s")


def test_a_node_of_slurm_is_drained(ansible: Ansible) -> None:
    """With --check nothing is called."""
    said = act(ansible, "drain_slurm", "--check")
    assert said.exit_code == 0 and called(ansible) == "" and "would set" in said.output
    assert act(ansible, "drain_slurm").exit_code == 0
    assert "state=drain reason=kernel memory critical, audit " in called(ansible)


def test_the_named_unit_is_restarted(ansible: Ansible) -> None:
    """With --check nothing is restarted. A stand-in answers as systemctl does."""
    checked = act(ansible, "restart_unit", "--check", "-e", "ansible_become=false")
    assert checked.exit_code == 0 and "changed=1" in checked.output, checked.output
    assert "restart" not in called(ansible)
    assert act(ansible, "restart_unit", "-e", "ansible_become=false").exit_code == 0
    assert "systemctl restart postgresql.service" in called(ansible)


def test_a_ticket_is_opened(ansible: Ansible) -> None:
    """With the findings as a block of code, so that no name becomes markup."""
    posted: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = ("-e", f"kernel_mem_audit_ticket_url=http://127.0.0.1:{server.server_address[1]}/issues")
    checked = act(ansible, "ticket", "--check", *address)
    assert checked.exit_code == 0 and posted == [] and "Investigate: ansible-playbook" in checked.output, checked.output
    said = act(ansible, "ticket", *address)
    server.shutdown()
    assert said.exit_code == 0, said.output
    assert posted[0]["title"] == f"Kernel memory: {first_critical(ansible)} is critical"
    assert all(line.startswith("    ") for line in posted[0]["description"].splitlines())


def test_the_rulebook_has_its_form() -> None:
    """ansible-rulebook is not run here: sources, a condition, and our playbook as the action."""
    [ruleset] = yaml.safe_load((EXAMPLES / "eda-investigate.yml").read_text())
    assert set(ruleset) == {"name", "hosts", "sources", "rules"}
    [rule] = ruleset["rules"]
    assert set(rule) == {"name", "condition", "throttle", "action"}
    assert rule["action"]["run_playbook"]["name"] == "fleetaudit.kernel_memory.investigate"
    task = yaml.safe_load((EXAMPLES / "act" / "post_new_critical.yml").read_text())[0]
    assert {"run_id", "report_dir", "number"} <= set(task["ansible.builtin.uri"]["body"])
