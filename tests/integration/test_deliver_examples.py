# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delivery examples of the documentation work as they are; those that need other collections have at least their
form.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import yaml

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

EXAMPLES = ROOT / "docs" / "examples"


class Receiver:
    """A server that keeps what is posted to it."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        posted = self.posted

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


def test_web_folder_webhook_and_textfile_collector(ansible: Ansible) -> None:
    """One audit, three deliveries, no collection but ours needed."""
    shutil.copytree(EXAMPLES, ansible.folder / "examples")
    (ansible.folder / "collector").mkdir()
    receiver = Receiver()
    settings = {
        "kernel_mem_audit_report_dir": str(ansible.folder / "report"),
        "kernel_mem_audit_web_folder": str(ansible.folder / "web"),
        "kernel_mem_audit_webhook": receiver.url,
        "kernel_mem_audit_textfile_folder": str(ansible.folder / "collector"),
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    inventory = ansible.write(
        "hosts.yml",
        "all: {hosts: {a_dead: {ansible_host: 127.0.0.1, ansible_port: 1}, b_alive: {ansible_connection: local}}}",
    )
    result = ansible.command(
        "ansible-playbook", "examples/deliver.yml", "-i", str(inventory), "-e", json.dumps(settings)
    )
    receiver.server.shutdown()
    assert result.exit_code == 0, result.output
    audit = json.loads((ansible.folder / "report" / "audit.json").read_text())
    latest = ansible.folder / "web" / "latest"
    assert (
        latest.resolve().name == audit["run_id"]
        and (latest / "report.html").exists()
        and (latest / "summary.md").exists()
    )
    assert (ansible.folder / "collector" / "kernel_memory_audit.prom").read_text().endswith("# EOF\n")
    (told,) = receiver.posted
    assert told["decision"] == audit["decision"]["decision"] and told["counts"] == audit["counts"]["all"]
    assert told["text"].startswith(audit["decision"]["sentence"])


def test_a_webhook_that_is_down_costs_a_line_and_not_the_audit(ansible: Ansible) -> None:
    """The address is a secret, so it must not be in that line."""
    shutil.copytree(EXAMPLES, ansible.folder / "examples")
    settings = {
        "kernel_mem_audit_webhook": "http://127.0.0.1:1/secret",
        "kernel_mem_audit_report_dir": "report",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    result = ansible.command(
        "ansible-playbook", "examples/deliver.yml", "-i", "localhost,", "-c", "local", "-e", json.dumps(settings)
    )
    assert result.exit_code == 0, result.output
    assert (
        "The result was not posted; the server answered with status -1." in result.output
        and "secret" not in result.output
    )


def test_a_delivery_that_fails_stops_no_other(ansible: Ansible) -> None:
    """A missing folder of the collector must not keep the chat from being told, nor make the audit fail."""
    shutil.copytree(EXAMPLES, ansible.folder / "examples")
    receiver = Receiver()
    chats = {f"kernel_mem_audit_{name}": receiver.url for name in ("slack", "mattermost", "teams", "pagerduty_url")}
    settings = {
        "kernel_mem_audit_textfile_folder": str(ansible.folder / "absent"),
        "kernel_mem_audit_web_folder": "/proc/absent",
        "kernel_mem_audit_pagerduty": "the-key",
        "kernel_mem_audit_report_dir": "report",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        **chats,
    }
    arguments = ("-i", "localhost,", "-c", "local", "-e", json.dumps(settings))
    result = ansible.command("ansible-playbook", "examples/deliver.yml", *arguments)
    receiver.server.shutdown()
    assert result.exit_code == 0, result.output
    assert "Not delivered to the web folder, the textfile collector, PagerDuty;" in result.output
    assert "the-key" not in result.output and len(receiver.posted) == 4
    slack, mattermost, teams, pagerduty = receiver.posted
    title = slack["text"]
    assert mattermost["attachments"][0]["title"] == title and pagerduty["payload"]["summary"] == title
    assert teams["attachments"][0]["content"]["body"][0]["text"] == title
    assert pagerduty["routing_key"] == "the-key"


def test_every_delivery_is_a_list_of_tasks_whose_settings_are_explained() -> None:
    """A variable that a reader has to set and that no comment explains is a riddle."""
    for path in sorted((EXAMPLES / "deliver").glob("*.yml")):
        text = path.read_text()
        tasks = yaml.safe_load(text)
        assert tasks and all(task["name"] for task in tasks)
        comments = "\n".join(line for line in text.splitlines() if line.startswith("#"))
        own = {
            "kernel_mem_audit_report",
            "kernel_mem_audit_types",
            "kernel_mem_audit_posted",
            "kernel_mem_audit_not_delivered",
        }
        for name in set(re.findall(r"kernel_mem_audit_\w+", text)) - own:
            assert f"{name} " in comments, f"{path.name}: {name}"


def test_dashboard_and_alerts_use_metrics_that_are_written(ansible: Ansible) -> None:
    """A dashboard of metrics that do not exist is an empty page."""
    result = ansible.audit(
        "-i",
        "localhost,",
        "-c",
        "local",
        "-e",
        '{"kernel_mem_audit_outputs": ["metrics.prom"], "kernel_mem_audit_report_dir": "report"}',
    )
    assert result.exit_code == 0, result.output
    written = set(
        re.findall(r"^# TYPE (\S+) gauge$", (ansible.folder / "report" / "metrics.prom").read_text(), re.MULTILINE)
    )
    dashboard, alerts = (EXAMPLES / name for name in ("grafana-dashboard.json", "alert-rules.yml"))
    expressions = [
        target["expr"] for panel in json.loads(dashboard.read_text())["panels"] for target in panel["targets"]
    ]
    expressions += [rule["expr"] for group in yaml.safe_load(alerts.read_text())["groups"] for rule in group["rules"]]
    assert len(expressions) > 10
    for expression in expressions:
        names = set(re.findall(r"kernel_memory_audit_\w+", expression))
        assert names and names <= written, expression
