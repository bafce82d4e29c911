# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX makes of what awx.yml has set up: notifications, surveys, artifacts, and how its workflows end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.awx.ansible_with_awx import with_modules
from ansible_collections.fleetaudit.kernel_memory.tests.awx.controller import Controller, awx
from ansible_collections.fleetaudit.kernel_memory.tests.awx.manager import (
    OF_A_JOB,
    OF_A_WORKFLOW,
    OF_AN_APPROVAL,
    Ended,
    ManagerFrozenError,
    Node,
    Variables,
    rendered,
    run_workflow,
    variables_of_a_job,
)
from ansible_collections.fleetaudit.kernel_memory.tests.awx.test_awx_playbook import configure
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible

PASS = {"decision": "pass", "phase": "batch", "rollout": "kernel", "sentence": "Nothing speaks against going on."}
STOPPED = {"decision": "fail", "phase": "batch", "rollout": "kernel", "sentence": "web1 came back worse."}
CHECKED = {"decision": "pass", "phase": "check", "rollout": "check", "sentence": "Nothing speaks against going on."}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, awx_modules: Path) -> Iterator[Controller]:
    """A controller that awx.yml has set up, with settings for rollouts and a minimum of hosts."""
    with awx() as controller:
        variables = {
            "kernel_mem_audit_minimum_hosts": 9,
            "kernel_mem_audit_upgrade_tasks": "upgrade.yml",
            "kernel_mem_audit_fail_on": ["critical"],
        }
        ansible = with_modules(tmp_path_factory.mktemp("manager"), awx_modules)
        result = configure(ansible, controller, kernel_mem_audit_awx_variables=variables)
        assert result.exit_code == 0, result.output
        yield controller


def nodes_of(controller: Controller, workflow: str) -> dict[str, Node]:
    """The nodes of a workflow as they are set up, with the names of their templates without the prefix."""
    number = controller.named("workflow_job_templates")[workflow]["id"]
    entries = [
        entry
        for entry in controller.objects["workflow_job_template_nodes"].values()
        if entry["workflow_job_template"] == number
    ]
    identifiers = {entry["id"]: entry["identifier"] for entry in entries}
    kinds = ("job_templates", "workflow_approval_templates")
    templates = {entry["id"]: name for kind in kinds for name, entry in controller.named(kind).items()}

    def following(entry: Mapping[str, object], kind: str) -> list[str]:
        return [str(identifiers[one]) for one in controller.associations.get(f"{entry['url']}{kind}_nodes/", [])]

    return {
        str(entry["identifier"]): Node(
            templates[entry["unified_job_template"]].removeprefix("Kernel memory "),
            *(following(entry, kind) for kind in ("always", "success", "failure")),
        )
        for entry in entries
    }


@pytest.mark.parametrize("context", [OF_A_JOB, OF_A_WORKFLOW, OF_AN_APPROVAL], ids=["job", "workflow", "approval"])
def test_a_notification_is_json_whatever_it_is_about(made: Controller, context: Variables) -> None:
    """A workflow has no artifacts. A body that fails on that freezes the workflow manager for everybody."""
    messages = made.named("notification_templates")["Kernel memory webhook"]["messages"]
    for name in ("success", "error"):
        assert "text" in json.loads(rendered(messages[name]["body"], context))
    told = json.loads(rendered(messages["success"]["body"], OF_A_JOB))
    assert told["kernel_memory"] == {"kernel_mem_audit_result": {"a": 1}}


def test_the_body_of_before_freezes_the_manager() -> None:
    """So that the stand-in can be believed: this one was seen to do it."""
    body = '{"kernel_memory": {{ job.artifacts | tojson }}}'
    assert json.loads(rendered(body, OF_A_JOB))
    with pytest.raises(ManagerFrozenError, match="not JSON serializable"):
        rendered(body, OF_A_WORKFLOW)


def test_the_webhook_is_told_by_the_jobs_that_have_a_result(made: Controller) -> None:
    """A workflow has no result of its own to send."""
    number = made.named("notification_templates")["Kernel memory webhook"]["id"]
    told = {
        name
        for kind in ("job_templates", "workflow_job_templates")
        for name, entry in made.named(kind).items()
        if number in made.associations.get(f"{entry['url']}notification_templates_error/", [])
    }
    assert told == {"Kernel memory report", "Kernel memory rollout verdict"}


def test_the_survey_resets_nothing(made: Controller) -> None:
    """AWX lets the default of a question win over the template's own variable, also where nobody is asked."""
    for name, entry in made.named("job_templates").items():
        survey = made.surveys[f"{entry['url']}survey_spec/"]
        variables = variables_of_a_job(entry_variables(entry), survey)
        # A slice has a part of the hosts: the report counts them all.
        assert variables["kernel_mem_audit_minimum_hosts"] == (1 if name == "Kernel memory audit" else 9), name
        assert "kernel_mem_audit_timeout" not in variables
        assert (
            variables_of_a_job(entry_variables(entry), survey, launch={"kernel_mem_audit_minimum_hosts": 3})[
                "kernel_mem_audit_minimum_hosts"
            ]
            == 3
        )


def entry_variables(entry: Mapping[str, object]) -> dict[str, object]:
    """The extra variables of a template."""
    found: dict[str, object] = json.loads(str(entry["extra_vars"]))
    return found


def test_settings_go_to_the_templates_that_use_them(made: Controller) -> None:
    """A reader of the audit's template wonders what it upgrades."""
    having = {
        name
        for name, entry in made.named("job_templates").items()
        if "kernel_mem_audit_upgrade_tasks" in entry_variables(entry)
    }
    assert having == {"Kernel memory gate", "Kernel memory soak", "Kernel memory rolling upgrade"}
    assert all("kernel_mem_audit_fail_on" in entry_variables(entry) for entry in made.named("job_templates").values())


@pytest.mark.parametrize(
    ("upgrade", "status"),
    [
        (Ended("successful", {"kernel_mem_audit_gate": PASS}), "successful"),
        (Ended("failed", {"kernel_mem_audit_gate": STOPPED}), "failed"),
        (Ended("failed"), "failed"),
        (Ended("successful"), "failed"),
    ],
    ids=["passed", "stopped", "died early", "did nothing"],
)
def test_a_stopped_rollout_is_a_red_workflow(made: Controller, ansible: Ansible, upgrade: Ended, status: str) -> None:
    """Its verdict is a real run of the playbook, with the variables that AWX would give it."""
    said: list[str] = []

    def job(template: str, artifacts: Variables) -> Ended:
        if template == "rolling upgrade":
            return upgrade
        if template == "gate":
            return Ended("successful", {"kernel_mem_audit_gate": CHECKED})
        if template != "rollout verdict":
            return Ended("successful")
        variables = variables_of_a_job({}, artifacts=artifacts)
        result = ansible.command(
            "ansible-playbook", "fleetaudit.kernel_memory.rollout_verdict", "-e", json.dumps(variables)
        )
        said.append(result.output)
        return Ended("successful" if result.exit_code == 0 else "failed")

    run = run_workflow(nodes_of(made, "Kernel memory rollout"), job)
    assert run.status == status, said
    assert set(run.ended) == set(nodes_of(made, "Kernel memory rollout"))
    if upgrade.artifacts:
        expected = upgrade.artifacts["kernel_mem_audit_gate"]
        assert isinstance(expected, dict) and str(expected["sentence"]) in " ".join(said[0].split())
    else:
        assert "no decision" in " ".join(said[0].split())


def test_a_report_that_fails_after_the_upgrade_is_red_too(made: Controller) -> None:
    """The verdict of the fleet counts as well as that of the rollout."""
    reports: list[str] = []

    def job(template: str, _artifacts: Variables) -> Ended:
        reports.extend([template] if template == "report" else [])
        return Ended("failed" if len(reports) == 2 and template == "report" else "successful")

    assert run_workflow(nodes_of(made, "Kernel memory rollout"), job).status == "failed"


def test_artifacts_go_to_every_later_node_and_the_later_value_wins() -> None:
    """As AWX merges them: by name, whole values."""
    nodes = {"a": Node("a", success=["b"]), "b": Node("b", always=["c"]), "c": Node("c")}
    ended = {
        "a": Ended("successful", {"x": {"k": 1}, "y": 1}),
        "b": Ended("failed", {"x": {"l": 2}}),
        "c": Ended("successful"),
    }
    run = run_workflow(nodes, lambda template, _artifacts: ended[template])
    assert run.handed["c"] == {"x": {"l": 2}, "y": 1}
    assert run.status == "successful", "a failed node that leads to one that succeeds: so AWX says"
