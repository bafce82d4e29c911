# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history in real runs: it is made, used, said to be new, survives a store that can't be used, and takes in what
other tools have kept.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import SAMPLES, Ansible, Result

DAY = 86400
MIB = 1024**2


def inventory(kernel: Path, *names: str) -> str:
    """Hosts that all show the saved files of *kernel*, each with a boot of its own (the samples have no boot id)."""
    return json.dumps(
        {
            "all": {
                "vars": {
                    "ansible_connection": "local",
                    "kernel_mem_audit_proc_root": f"{kernel}/proc",
                    "kernel_mem_audit_sys_root": f"{kernel}/sys",
                },
                "hosts": {name: {} for name in names},
            }
        }
    )


def report(
    ansible: Ansible, folder: str, kernel: Path, *arguments: str, **environment: str
) -> tuple[Result, dict[str, Any]]:
    """Audit two hosts into a folder; what the run left, and its audit."""
    result = ansible.audit(
        "-e",
        f"kernel_mem_audit_report_dir={folder}",
        *arguments,
        inventory=inventory(kernel, "web1", "web2"),
        **environment,
    )
    assert result.exit_code == 0, result.output
    return result, json.loads((ansible.folder / folder / "audit.json").read_text())


def test_a_store_is_made_said_to_be_new_and_used_by_the_next_run(ansible: Ansible, saved_host: Path) -> None:
    """A lost volume must never be read as health: an empty store says that it is one. Saved files are no last run."""
    result, first = report(ansible, "one", saved_host)
    assert (first["history"]["state"], first["changes"]) == ("new", None)
    assert "this store is new" in result.output
    _result, second = report(ansible, "two", saved_host)
    assert (second["history"]["state"], second["history"]["runs"], second["history"]["hosts"]) == ("ready", 1, 2)
    assert second["changes"]["previous_run_at"] is None
    assert (ansible.folder / "reports" / "history.sqlite3").stat().st_mode & 0o777 == 0o600
    assert second["hosts"][0]["coverage"]["history"]["of"] == 7


def test_a_run_whose_report_nobody_could_read_is_no_last_run(ansible: Ansible) -> None:
    """What it found would be old news in the next report, and nobody had read it. One that can be read is."""
    this_machine = ("-i", "localhost,", "-c", "local", "-e")
    for name in ("audit.json", "hosts.csv", "report.html"):
        ansible.write(f"one/{name}/in-the-way", "")
    failed = ansible.audit(*this_machine, "kernel_mem_audit_report_dir=one")
    assert failed.exit_code != 0 and "audit.json can't be written" in failed.output, failed.output
    second, third = (
        json.loads((ansible.folder / folder / "audit.json").read_text())
        for folder in ("two", "three")
        if ansible.audit(*this_machine, f"kernel_mem_audit_report_dir={folder}").exit_code == 0
    )
    assert (second["history"]["runs"], second["changes"]["previous_run_at"]) == (1, None)
    assert (third["history"]["runs"], third["changes"]["previous_run_at"]) == (2, second["started_at"])


def test_none_keeps_nothing_and_check_mode_keeps_nothing(ansible: Ansible, saved_host: Path) -> None:
    """Where no history is wanted no file may appear."""
    _result, audit = report(ansible, "one", saved_host, "-e", "kernel_mem_audit_history=none")
    assert audit["history"]["state"] == "off"
    assert not (ansible.folder / "reports").exists()
    checked = ansible.audit("--check", inventory=inventory(saved_host, "web1"))
    assert checked.exit_code == 0, checked.output
    assert not (ansible.folder / "reports").exists()


def test_a_store_that_can_not_be_used_costs_the_history_and_not_the_report(ansible: Ansible, saved_host: Path) -> None:
    """Where somebody wants the report all the same, what is wrong with the store is said in it, and the file stays as
    it is.
    """
    broken = ansible.write("history.sqlite3", "this is no database, but somebody's notes\n" * 40)
    wanted = ("-e", "kernel_mem_audit_history=history.sqlite3", "-e", "kernel_mem_audit_history_required=false")
    result, audit = report(ansible, "one", saved_host, *wanted)
    assert audit["history"]["state"] == "unavailable"
    assert str(broken) in audit["history"]["message"]
    assert "HISTORY" in result.output
    assert broken.read_text().startswith("this is no database")


def test_the_environment_variable_names_the_store(ansible: Ansible, saved_host: Path) -> None:
    """Credentials of AWX come as environment variables."""
    report(ansible, "one", saved_host, KERNEL_MEM_AUDIT_HISTORY=str(ansible.folder / "kept" / "store.sqlite3"))
    assert (ansible.folder / "kept" / "store.sqlite3").is_file()


def test_no_word_order_of_an_address_puts_its_password_into_a_file(ansible: Ansible, saved_host: Path) -> None:
    """It became the name of a file in the working folder, and stood in the report; in whatever way it is given."""
    where = "sslmode=disable host=127.0.0.1 port=1 user=u password=hunter2 dbname=fleet"
    for folder, arguments, environment in (
        ("one", ("-e", json.dumps({"kernel_mem_audit_history": where})), {}),
        ("two", (), {"KERNEL_MEM_AUDIT_HISTORY": where}),
    ):
        refused = ansible.audit(*arguments, inventory=inventory(saved_host, "web1"), **environment)
        assert refused.exit_code != 0 and "can't be reached" in refused.output and "hunter2" not in refused.output
        going_on = (*arguments, "-e", "kernel_mem_audit_history_required=false")
        result, audit = report(ansible, folder, saved_host, *going_on, **environment)
        assert audit["history"]["state"] == "unavailable"
        assert "The history host=127.0.0.1 port=1 dbname=fleet can't be reached" in audit["history"]["message"]
        assert "hunter2" not in result.output
    assert not [path for path in ansible.folder.rglob("*") if "hunter2" in path.name]
    assert not [path for path in (ansible.folder / "one").rglob("*") if b"hunter2" in path.read_bytes()]


def test_what_is_no_address_is_refused_before_a_host_is_asked(ansible: Ansible, saved_host: Path) -> None:
    """A slip in a keyword must not begin a second history unseen."""
    result = ansible.audit(inventory=inventory(saved_host, "web1"), KERNEL_MEM_AUDIT_HISTORY="hots=db password=hunter2")
    assert result.exit_code != 0 and "did you mean host=?" in result.output
    assert "hunter2" not in result.output and not result.wrote_report


@pytest.fixture
def prometheus() -> Iterator[str]:
    """A stand-in for a Prometheus server with forty days of a host: its unreclaimable slab grows by 200 MiB a day."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Answer a query of a range."""
            asked = {name: texts[0] for name, texts in parse_qs(urlsplit(self.path).query).items()}
            if "match[]" in asked:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"status": "success", "data": ["web1:9100", "web7:9100"]}).encode())
                return
            moments = range(int(asked["start"]), int(asked["end"]) + 1, int(asked["step"]))
            begin = time.time() - 60 * DAY
            amounts = {
                "node_memory_SUnreclaim_bytes": lambda moment: int(600 * MIB + (moment - begin) / DAY * 200 * MIB),
                "node_memory_MemTotal_bytes": lambda _moment: 24683656 * 1024,
                "node_boot_time_seconds": lambda _moment: int(begin),
            }
            result = [
                {
                    "metric": {"__name__": name, "instance": "web1:9100"},
                    "values": [[moment, str(amount(moment))] for moment in moments],
                }
                for name, amount in amounts.items()
            ]
            body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def operate(ansible: Ansible, *tasks: dict[str, Any]) -> Result:
    """Run kernel_memory_history, one task after the other, and print what each returns."""
    play = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [
                step
                for number, options in enumerate(tasks)
                for step in (
                    {"fleetaudit.kernel_memory.kernel_memory_history": options, "register": f"answer{number}"},
                    {
                        "ansible.builtin.debug": {
                            "msg": f"ANSWER{number}={{{{ answer{number} | to_json | b64encode }}}}="
                        }
                    },
                )
            ],
        }
    ]
    return ansible.command(
        "ansible-playbook", str(ansible.write("operate.yml", json.dumps(play))), ANSIBLE_LOCALHOST_WARNING="false"
    )


def answer(result: Result, number: int) -> dict[str, Any]:
    """What the task of that number returned."""
    import base64

    found = re.search(rf"ANSWER{number}=([A-Za-z0-9+/]+)=", result.output)
    assert found, result.output
    return dict(json.loads(base64.b64decode(found[1] + "==")))


def test_what_prometheus_has_kept_is_imported_once_and_replayed(ansible: Ansible, prometheus: str) -> None:
    """The first audit shall have baselines; and a policy can be tried on what is stored."""
    bring = {"operation": "import", "source": "prometheus", "url": prometheus, "days": 40}
    result = operate(
        ansible,
        bring,
        bring,
        {},
        {"operation": "replay", "dest": "alarms.csv"},
        {"operation": "verify"},
        {"operation": "export", "dest": "all.jsonl"},
        {"operation": "import", "source": "export", "files": ["all.jsonl"], "store": "copy.sqlite3"},
        {"operation": "prune", "keep_days": 10},
        {"operation": "rebuild"},
    )
    assert result.exit_code == 0, result.output
    first, second, info, replayed, verified, exported, taken_back, pruned, rebuilt = (
        answer(result, number) for number in range(9)
    )
    assert first["changed"] and first["imported"]["hosts"] == ["web1"] and first["imported"]["inserted"] == 41
    assert f"prometheus: {first['imported']['message']}" in result.output
    assert not second["changed"] and second["imported"]["duplicates"] == first["imported"]["inserted"]
    assert info["store"]["samples"] == first["imported"]["inserted"]
    assert {alarm["dimension"] for alarm in replayed["replayed"]["alarms"]} == {"slab_unreclaimable"}
    assert "growth" in {alarm["kind"] for alarm in replayed["replayed"]["alarms"]}
    assert (ansible.folder / "alarms.csv").read_text().startswith('"day","host"')
    assert verified["problems"] == []
    assert exported["exported"] == len((ansible.folder / "all.jsonl").read_text().splitlines())
    assert taken_back["imported"]["inserted"] == info["store"]["samples"]
    # The only sample of a day is no larger than its summary: it stays, and that is said.
    assert not pruned["changed"] and pruned["store"]["samples"] == info["store"]["samples"]
    assert "they go after 400 days (keep_history_days)." in " ".join(pruned["stays"])
    assert rebuilt["rebuilt"] == {"lost_blocks": 0, "lost_owners": 0, "series": 1}


def test_the_playbook_matches_the_inventory_and_shows_one_line(ansible: Ansible, prometheus: str) -> None:
    """Without -v: hosts, days, samples, dimensions, and who matched no host. A stranger's past is kept out."""
    hosts = ansible.write("hosts.yml", "all: {hosts: {db1: {ansible_host: '{{ name_there }}', name_there: web1}}}\n")
    bring = ("-i", str(hosts), "fleetaudit.kernel_memory.import_history", "-e", "kernel_mem_audit_import_days=40")
    source = ("-e", "kernel_mem_audit_import_source=prometheus", "-e", f"kernel_mem_audit_import_url={prometheus}")
    result = ansible.command("ansible-playbook", *bring, *source)
    assert result.exit_code == 0, result.output
    said = re.search(r"Imported from prometheus: (.*)", result.output)
    assert said and re.fullmatch(
        r"1 host, 41 days, 41 samples added, 20\d\d-\d\d-\d\d to 20\d\d-\d\d-\d\d; dimensions slab_unreclaimable; "
        r"matched no host: web7:9100\.",
        said[1],
    ), result.output
    with sqlite3.connect(ansible.folder / "reports" / "history.sqlite3") as store:
        assert store.execute("SELECT name FROM host").fetchall() == [("db1",)]


def test_an_import_that_brings_nothing_fails_and_says_why(ansible: Ansible, prometheus: str) -> None:
    """Nobody of the server is in the inventory; a green run would be read as "it has a past now"."""
    hosts = ansible.write("hosts.yml", "all: {hosts: {other: {}}}\n")
    result = ansible.command(
        "ansible-playbook",
        "-i",
        str(hosts),
        "fleetaudit.kernel_memory.import_history",
        "-e",
        "kernel_mem_audit_import_source=prometheus",
        "-e",
        f"kernel_mem_audit_import_url={prometheus}",
    )
    assert result.exit_code != 0
    said = " ".join(result.output.split())
    assert "Nothing was imported from prometheus: matched no host: web1:9100, web7:9100." in said, result.output


SYSSTAT = ("fleetaudit.kernel_memory.import_history", "-e", "kernel_mem_audit_import_source=sysstat")


def test_the_playbook_asks_sysstat_on_each_host(ansible: Ansible, tmp_path: Path) -> None:
    """sadf is a stand-in that prints the real output of sysstat 12.6.1; a host without it, and one that is not there,
    are named.
    """
    program = tmp_path / "bin" / "sadf"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat {SAMPLES}/history/sadf_12.6.1_r_ALL_restart_comment.json\n")
    program.chmod(0o755)
    folder = Path("/var/log/sysstat")
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    day = folder / "sa99"
    try:
        day.write_text("")
        hosts = ansible.write(
            "hosts.yml",
            "all: {hosts: {web1: {ansible_connection: local}, "
            "gone: {ansible_host: 127.0.0.1, ansible_port: 9, ansible_ssh_retries: 0}}}\n",
        )
        result = ansible.command("ansible-playbook", "-i", str(hosts), *SYSSTAT, PATH=f"{program.parent}:/usr/bin:/bin")
    finally:
        day.unlink()
        if made:
            folder.rmdir()
    assert result.exit_code == 0, result.output
    assert "Imported from sysstat: 1 host, " in result.output and "could not be reached: gone" in result.output
    with sqlite3.connect(ansible.folder / "reports" / "history.sqlite3") as store:
        assert store.execute("SELECT name FROM host").fetchall() == [("web1",)]


def test_hosts_without_sysstat_fail_the_import_and_are_told_what_to_install(ansible: Ansible, tmp_path: Path) -> None:
    """It was green, and nobody learned that there is no past. The path holds no sadf."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "env", "cat", "ssh"):
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    hosts = ansible.write("hosts.yml", "all: {hosts: {web1: {ansible_connection: local}}}\n")
    result = ansible.command("ansible-playbook", "-i", str(hosts), *SYSSTAT, PATH=str(tools))
    assert result.exit_code != 0
    said = " ".join(result.output.split())
    assert "Nothing was imported from sysstat: no sysstat (the program sadf is not installed: install the" in said, said
    assert ": web1." in said


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"operation": "import"}, "needs source"),
        ({"operation": "import", "source": "sysstat", "url": "http://x"}, "url is for prometheus and netdata"),
        ({"operation": "import", "source": "prometheus", "files": ["missing.json"]}, "There is no file missing.json"),
        (
            {"operation": "import", "source": "prometheus", "content": ["{}"]},
            "content 1: This is not the answer of /api/v1/query_range",
        ),
        ({"operation": "import", "source": "pcp", "content": ["Time"]}, "give host, too"),
        ({"operation": "export"}, "needs dest"),
        ({"operation": "replay", "environment": "prod"}, "production"),
        ({"operation": "verify", "store": "nowhere.sqlite3"}, "nowhere.sqlite3"),
        ({"operation": "info", "store": "none"}, "switched off"),
        ({"operation": "prune", "keep_days": 0}, "from 1 to 3650"),
    ],
)
def test_mistakes_get_one_sentence(ansible: Ansible, options: dict[str, Any], sentence: str) -> None:
    """What is wrong, where, and what to do; no traceback."""
    if options["operation"] == "replay":
        operate(
            ansible,
            {
                "operation": "import",
                "source": "pcp",
                "host": "web1",
                "content": [(SAMPLES / "history" / "pcp_pmrep.csv").read_text()],
            },
        )
    result = operate(ansible, options)
    assert result.exit_code != 0
    assert sentence in result.output.replace("\n", " "), result.output
    assert "Traceback" not in result.output
