# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX 24.6.1 makes of templates, surveys, workflows and notifications when it runs them, seen live or read in its
source.

It imitates what reaches a job as variables, what goes from node to node, when a workflow counts as failed, and how a
notification is rendered. It starts no job, has no container, no mesh, no schedule that fires, and no web page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import ChainableUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

Variables = Mapping[str, object]

OF_A_JOB: Variables = {
    "job_friendly_name": "Job",
    "url": "https://awx.example.org/#/jobs/playbook/7",
    "job": {
        "name": 'Kernel memory "report"',
        "status": "successful",
        "artifacts": {"kernel_mem_audit_result": {"a": 1}},
    },
}
OF_A_WORKFLOW: Variables = {
    "job_friendly_name": "Workflow Job",
    "url": "https://awx.example.org/#/jobs/workflow/8",
    "job": {"name": "Kernel memory nightly", "status": "successful", "body": "Node #9 succeeded."},
}
OF_AN_APPROVAL: Variables = {
    "job_friendly_name": "Workflow Approval",
    "url": "https://awx.example.org/#/jobs/workflow/8",
    "approval_status": "approved",
    "workflow_url": "https://awx.example.org/#/jobs/workflow/8",
    "job": {"name": "Kernel memory approve the rollout", "status": "successful"},
}


class ManagerFrozenError(Exception):
    """The workflow manager's pass was undone: the workflow stays ``running``, and every other workflow waits."""


def rendered(body: str, context: Variables) -> str:
    """Return the body of a notification. AWX catches errors of the template alone; any other goes up."""
    environment = SandboxedEnvironment(undefined=ChainableUndefined)
    try:
        return environment.from_string(body).render(**context)
    except TemplateError:
        return ""
    except Exception as exc:
        raise ManagerFrozenError(f"{type(exc).__name__}: {exc}") from exc


def defaults_of(survey: Mapping[str, object] | None) -> dict[str, object]:
    """Return the variables that a survey adds where nobody is asked: each question's default."""
    questions = (survey or {}).get("spec") or ()
    assert isinstance(questions, Sequence)
    return {str(one["variable"]): one["default"] for one in questions if one.get("default") not in (None, "")}


def variables_of_a_job(
    template: Variables,
    survey: Mapping[str, object] | None = None,
    *,
    launch: Variables | None = None,
    artifacts: Variables | None = None,
    workflow: Variables | None = None,
    job: int = 1,
) -> dict[str, object]:
    """Return what reaches ``ansible-playbook`` as extra variables, the weakest first: they win over all others."""
    named = {"awx_job_id": job, "tower_job_id": job, "awx_job_launch_type": "workflow" if workflow else "manual"}
    return {**template, **defaults_of(survey), **(launch or {}), **(artifacts or {}), **(workflow or {}), **named}


@dataclass(frozen=True)
class Ended:
    """How a job ended: its status, and what ``set_stats`` said (``{}`` where it died early)."""

    status: str
    artifacts: Variables = field(default_factory=dict)


@dataclass
class Node:
    """A node of a workflow: the template that it starts, and the nodes that follow by its outcome."""

    template: str
    always: list[str] = field(default_factory=list)
    success: list[str] = field(default_factory=list)
    failure: list[str] = field(default_factory=list)


@dataclass
class WorkflowRun:
    """What became of a workflow: how each node ended that was started, and with which artifacts of earlier ones."""

    ended: dict[str, Ended] = field(default_factory=dict)
    handed: dict[str, dict[str, object]] = field(default_factory=dict)
    status: str = "successful"


def run_workflow(nodes: Mapping[str, Node], job: Callable[[str, Variables], Ended]) -> WorkflowRun:
    """Run a workflow; *job* runs the template of a node with the artifacts that come to it.

    Artifacts of parents are merged by name, whole values, and go to every later node.
    """
    run = WorkflowRun()
    children = {name for node in nodes.values() for name in (*node.always, *node.success, *node.failure)}
    waiting: list[tuple[str, dict[str, object]]] = [(name, {}) for name in nodes if name not in children]
    while waiting:
        name, handed = waiting.pop(0)
        if name in run.ended:
            run.handed[name].update(handed)
            continue
        run.handed[name] = handed
        ended = run.ended[name] = job(nodes[name].template, handed)
        following = nodes[name].success if ended.status == "successful" else nodes[name].failure
        waiting += [(child, {**handed, **ended.artifacts}) for child in (*nodes[name].always, *following)]
    if any(
        ended.status != "successful" and not (nodes[name].always or nodes[name].failure)
        for name, ended in run.ended.items()
    ):
        run.status = "failed"
    return run
