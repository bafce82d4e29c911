# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything as code: awx.yml makes what it says, twice is once, it removes what it made, and no secret comes out of
it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.tests.awx.ansible_with_awx import with_modules
from ansible_collections.fleetaudit.kernel_memory.tests.awx.controller import ENCRYPTED, Controller, awx
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

SECRET = "postgresql://audit:a-secret-of-the-test@db.example.org/audit"
SETTINGS: dict[str, Any] = {
    "kernel_mem_audit_awx_inventory": "Linux",
    "kernel_mem_audit_awx_machine_credential": "Linux key",
    "kernel_mem_audit_awx_image": "registry.example.org/kernel-memory-ee:1",
    "kernel_mem_audit_awx_history_url": SECRET,
    "kernel_mem_audit_awx_slices": 4,
    "kernel_mem_audit_awx_schedule": "DTSTART;TZID=Europe/Berlin:20260101T023000 RRULE:FREQ=DAILY;INTERVAL=1",
    "kernel_mem_audit_awx_soak_schedule": "DTSTART:20260101T040000Z RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO",
    "kernel_mem_audit_awx_webhook": "https://chat.example.org/hooks/kernel",
}


def configure(ansible: Ansible, controller: Controller, *arguments: str, **settings: Any) -> Result:
    """Run awx.yml against the stand-in."""
    path = ansible.write("settings.yml", yaml.safe_dump(SETTINGS | settings))
    return ansible.command(
        "ansible-playbook",
        "fleetaudit.kernel_memory.awx",
        "-e",
        f"@{path}",
        *arguments,
        CONTROLLER_HOST=controller.url,
        CONTROLLER_OAUTH_TOKEN="token",
        ANSIBLE_LOCALHOST_WARNING="false",
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, awx_modules: Path) -> Iterator[tuple[Controller, Result]]:
    """A controller that awx.yml has set up at the highest verbosity, and what the run printed; for tests that only
    look.
    """
    with awx() as controller:
        result = configure(with_modules(tmp_path_factory.mktemp("awx"), awx_modules), controller, "-vvv")
        assert result.exit_code == 0, result.output
        yield controller, result


def test_the_guide_and_the_example_know_every_setting() -> None:
    """A setting that is in no guide is not found, and one that is only there does nothing."""
    known = set(yaml.safe_load((ROOT / "playbooks" / "vars" / "awx.yml").read_text()))
    example = (ROOT / "docs" / "examples" / "awx.yml").read_text()
    named = set(re.findall(r"^(?:# )?(kernel_mem_audit_awx_\w+):", example, re.MULTILINE))
    assert len(named) > 5 and named <= known
    yaml.safe_load(example)
    guide = (ROOT / "docs" / "awx.md").read_text()
    assert [
        name
        for name in sorted(known)
        if f"`{name.removeprefix('kernel_mem_audit_awx_')}`" not in guide and name not in guide
    ] == []


def test_it_makes_everything_and_twice_is_once(ansible: Ansible) -> None:
    """A second run must write nothing: it is run from pipelines."""
    with awx() as controller:
        first = configure(ansible, controller)
        assert first.exit_code == 0, first.output
        templates = controller.named("job_templates")
        assert {name: entry["job_slice_count"] for name, entry in templates.items()} == {
            "Kernel memory audit": 4,
            "Kernel memory report": 1,
            "Kernel memory gate": 1,
            "Kernel memory soak": 1,
            "Kernel memory rolling upgrade": 1,
            "Kernel memory rollout verdict": 1,
            "Kernel memory import": 1,
        }
        assert set(controller.named("workflow_job_templates")) == {"Kernel memory nightly", "Kernel memory rollout"}
        assert set(controller.named("schedules")) == {"Kernel memory nightly", "Kernel memory soak"}
        assert all(entry["use_fact_cache"] is False for entry in templates.values()), (
            "the fact cache hands out old facts as new ones"
        )
        assert all(len(controller.associations[f"{entry['url']}credentials/"]) == 2 for entry in templates.values())
        controller.writes.clear()
        second = configure(ansible, controller)
        assert second.exit_code == 0, second.output
        assert controller.writes == [], second.output


def test_without_postgresql_the_audit_is_scheduled_by_itself(ansible: Ansible) -> None:
    """The small set-up: a report node would find nothing, and every night would be red."""
    with awx() as controller:
        result = configure(ansible, controller, kernel_mem_audit_awx_history_url="", kernel_mem_audit_awx_slices=1)
        assert result.exit_code == 0, result.output
        assert controller.named("workflow_job_templates") == {}
        scheduled = controller.named("schedules")["Kernel memory nightly"]["unified_job_template"]
        assert scheduled == controller.named("job_templates")["Kernel memory audit"]["id"]


def test_the_playbooks_of_the_templates_exist() -> None:
    """AWX finds playbooks by their path in the project, and says so only when a job starts."""
    templates = yaml.safe_load((ROOT / "playbooks" / "vars" / "awx.yml").read_text())["kernel_mem_audit_awx_templates"]
    assert [entry["playbook"] for entry in templates if not (ROOT / entry["playbook"]).is_file()] == []


def test_a_workflow_ends_with_the_verdict_of_its_report(made: tuple[Controller, Result]) -> None:
    """A failed node that leads to a good one makes AWX call a workflow successful: the last nodes must be those that
    judge.
    """
    controller, _result = made
    verdicts = {
        "Kernel memory nightly": {"Kernel memory report"},
        "Kernel memory rollout": {"Kernel memory report", "Kernel memory rollout verdict"},
    }
    for name, workflow in controller.named("workflow_job_templates").items():
        nodes = [
            entry
            for entry in controller.objects["workflow_job_template_nodes"].values()
            if entry["workflow_job_template"] == workflow["id"]
        ]
        assert len(nodes) > 1
        last = [
            node
            for node in nodes
            if not any(
                controller.associations.get(f"{node['url']}{kind}/") for kind in ("always_nodes", "success_nodes")
            )
        ]
        names = {entry["id"]: template for template, entry in controller.named("job_templates").items()}
        assert {names[node["unified_job_template"]] for node in last} == verdicts[name]


def test_no_secret_comes_out(made: tuple[Controller, Result]) -> None:
    """The URL of the store goes into one credential and nowhere else, not even at the highest verbosity."""
    controller, result = made
    assert "a-secret-of-the-test" not in result.output
    credential = controller.named("credentials")["Kernel memory history"]
    assert credential["inputs"] == {"url": SECRET}
    everything = json.dumps(
        [entry for kind, entries in controller.objects.items() for entry in entries.values() if entry is not credential]
    )
    assert "a-secret-of-the-test" not in everything and ENCRYPTED not in everything
    injectors = controller.named("credential_types")["Kernel memory history store"]["injectors"]
    assert injectors == {"env": {"KERNEL_MEM_AUDIT_HISTORY": "{{ url }}"}}


def test_it_removes_what_it_made_and_nothing_else(ansible: Ansible) -> None:
    """The inventory and the machine credential were there before."""
    with awx() as controller:
        before = {kind: set(entries) for kind, entries in controller.objects.items()}
        assert configure(ansible, controller).exit_code == 0
        removed = configure(ansible, controller, kernel_mem_audit_awx_state="absent")
        assert removed.exit_code == 0, removed.output
        left = {kind: set(entries) for kind, entries in controller.objects.items() if entries}
        left.pop("workflow_approval_templates", None)
        assert left == before
        assert configure(ansible, controller, kernel_mem_audit_awx_state="absent").exit_code == 0, (
            "removing twice is no error"
        )


def test_a_dry_run_asks_nothing_and_says_what_it_would_make(ansible: Ansible) -> None:
    """To be read before the first real run."""
    with awx() as controller:
        result = configure(ansible, controller, "-e", "kernel_mem_audit_awx_dry_run=true")
        assert result.exit_code == 0
        assert "Kernel memory rolling upgrade" in result.output and "a-secret-of-the-test" not in result.output
        assert controller.writes == []


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({"kernel_mem_audit_awx_inventory": ""}, "kernel_mem_audit_awx_inventory"),
        ({"kernel_mem_audit_awx_history_url": ""}, "slices meet in PostgreSQL"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_made(
    ansible: Ansible, settings: dict[str, Any], needed: str
) -> None:
    """Half a set-up would be worse than none."""
    with awx() as controller:
        result = configure(ansible, controller, **settings)
        assert result.exit_code != 0 and controller.writes == []


def test_every_module_and_option_exists_in_the_collection(awx_modules: Path) -> None:
    """A stand-in takes anything: the names are held against the modules' own documentation."""
    tasks = [
        task
        for name in ("present", "absent")
        for task in yaml.load((ROOT / "playbooks" / "tasks" / f"awx_{name}.yml").read_text(), Loader=Reader)
        if "action" in task
    ]
    assert len(tasks) > 15
    for task in tasks:
        module = task["action"].split(".")[-1]
        assert set(task["args"]) <= options(awx_modules, module), (
            f"{module}: {set(task['args']) - options(awx_modules, module)}"
        )


class Reader(yaml.SafeLoader):
    """Reads Ansible's own tags, too."""


Reader.add_constructor("!unsafe", lambda loader, node: loader.construct_mapping(node, deep=True))  # type: ignore[no-untyped-call]


def options(collections: Path, module: str) -> set[str]:
    """The options of a module of awx.awx, by its documentation."""
    path = collections / "ansible_collections" / "awx" / "awx" / "plugins" / "modules" / f"{module}.py"
    for node in ast.parse(path.read_text()).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "DOCUMENTATION"
        ):
            return set(yaml.safe_load(ast.literal_eval(node.value))["options"])
    raise AssertionError(f"{module} has no documentation")
