# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings are checked once, names included, before any host is touched: in every playbook and role entry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import ROOT, SAMPLES, Ansible, Result

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
# A host that nobody reaches: whoever touches it before the check says so.
NOBODY = "all: {hosts: {web1: {ansible_host: 127.0.0.1, ansible_port: 1}}}"
HERE = "all: {hosts: {web1: {ansible_connection: local}}}"
PLAYBOOKS = {
    "audit": (),
    "audit_saved": ("-e", f"kernel_mem_audit_saved={SAMPLES}"),
    "report": ("-e", "kernel_mem_audit_run_id=awx-7"),
    "gate": (),
    "rolling_upgrade": ("-e", "kernel_mem_audit_upgrade_tasks=upgrade.yml"),
    "rollout_free": ("-e", "kernel_mem_audit_free_reason=it_is_gone"),
    "import_history": ("-e", "kernel_mem_audit_import_source=sysstat"),
    "merge": ("-e", "kernel_mem_audit_merge_inputs=a.json"),
    "compare": ("-e", "kernel_mem_audit_compare_before=a", "-e", "kernel_mem_audit_compare_after=b"),
    "policy": (),
    "awx": ("-e", "kernel_mem_audit_awx_inventory=x", "-e", "kernel_mem_audit_awx_dry_run=true"),
    "investigate": (),
}
WITHOUT_SETTINGS = {"rollout_verdict"}
"""It reads what a job before it has handed on, and the survey's answers come to it too, which are not its own."""


def run(ansible: Ansible, playbook: str, *arguments: str, inventory: str = NOBODY, **environment: str) -> Result:
    """Run one of the collection's playbooks."""
    ansible.write("upgrade.yml", "[]")
    hosts = str(ansible.write("hosts.yml", inventory))
    return ansible.command(
        "ansible-playbook", f"fleetaudit.kernel_memory.{playbook}", "-i", hosts, *arguments, **environment
    )


def test_every_playbook_is_tried() -> None:
    """A playbook that is added later has to check its settings, too."""
    assert {path.stem for path in (ROOT / "playbooks").glob("*.yml")} == PLAYBOOKS.keys() | WITHOUT_SETTINGS


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_misspelt_setting_is_refused_by_every_playbook(ansible: Ansible, playbook: str) -> None:
    """A gate that passes by a policy that was never read is the worst that can happen."""
    result = run(ansible, playbook, *PLAYBOOKS[playbook], "-e", "kernel_mem_audit_polcy=absent.yml")
    assert result.exit_code == 2, result.output
    assert "kernel_mem_audit_polcy is no setting of this collection; did you mean kernel_mem_audit_policy?" in (
        result.output
    )
    assert "UNREACHABLE" not in result.output and "GATE" not in result.output and not result.wrote_report


@pytest.mark.parametrize(
    "wrong",
    [
        "kernel_mem_audit_timeout=soon",
        "kernel_mem_audit_transport=fast",
        "kernel_mem_audit_gather_subset=slabs",
        "kernel_mem_audit_serial=lots",
        "kernel_mem_audit_fail_no=critical",
        "kernel_mem_audit_environment=prd",
        "kernel_mem_audit_history=mysql://db/x",
    ],
)
def test_a_wrong_value_stops_the_audit_before_a_host_is_touched(ansible: Ansible, wrong: str) -> None:
    """Each host would fail by itself, four thousand times, and the run would end with 0."""
    result = run(ansible, "audit", "-e", wrong)
    assert result.exit_code == 2 and wrong.partition("=")[0].removesuffix("_no") in result.output, result.output
    assert "UNREACHABLE" not in result.output and "probably a bug" not in result.output
    assert not (result.folder / "reports").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        "kernel_mem_audit_investigate_outputs=investigation.txt",
        "kernel_mem_audit_investigate_dimensions=slab",
        "kernel_mem_audit_investigate_windows=1",
        "kernel_mem_audit_trace_seconds=60",
        "kernel_mem_audit_trace_load=0",
    ],
)
def test_a_wrong_value_stops_the_investigation_before_a_host_is_asked(ansible: Ansible, wrong: str) -> None:
    """What is written is asked for last: hosts were read and traced for nothing."""
    result = run(ansible, "investigate", "-e", wrong)
    assert result.exit_code == 2 and f"{wrong.partition('=')[0]} is " in result.output, result.output
    assert "UNREACHABLE" not in result.output and "Traceback" not in result.output


def test_every_mistake_is_told_at_once(ansible: Ansible) -> None:
    """Values, names, a policy and hooks in one list."""
    ansible.write("policy.yml", "environments: {production: {limits: {slab: none}}}\n")
    wrong = {
        "policy": "policy.yml",
        "drain_tasks": "drain.yml",
        "upgrade_tasks": "up.yml",
        "serial": "few",
        "polcy": "x",
    }
    extra = json.dumps({f"kernel_mem_audit_{name}": value for name, value in wrong.items()})
    result = run(ansible, "rolling_upgrade", "-e", extra)
    assert result.exit_code == 2 and "5 settings are wrong" in result.output, result.output
    for word in ("kernel_mem_audit_polcy", "'few'", "slab_unreclaimable", "drain.yml", "up.yml"):
        assert word in result.output


def test_a_missing_hook_is_found_before_a_host_is_drained(ansible: Ansible) -> None:
    """Else canaries are drained, called bad, and stay drained."""
    ansible.write("drain.yml", f"- ansible.builtin.file: {{path: {ansible.folder}/drained, state: touch}}\n")
    result = run(
        ansible,
        "rolling_upgrade",
        *("-e", "kernel_mem_audit_upgrade_tasks=absent.yml", "-e", "kernel_mem_audit_drain_tasks=drain.yml"),
        inventory=HERE,
    )
    assert result.exit_code == 2 and "absent.yml" in result.output and not (ansible.folder / "drained").exists()
    assert "GATE" not in result.output


@pytest.mark.parametrize("entry", ["main", "plan", "gate"])
def test_role_entries_refuse_misspelt_names_too(ansible: Ansible, entry: str) -> None:
    """Ansible checks the values of a role's arguments, and no name that is not among them."""
    book = f"""
        - hosts: all
          gather_facts: false
          tasks:
            - ansible.builtin.include_role:
                name: fleetaudit.kernel_memory.kernel_mem_audit
                tasks_from: {entry}
              vars:
                kernel_mem_audit_polcy: limits.yml
                kernel_mem_audit_phase: check
        """
    result = ansible.play(textwrap.dedent(book), inventory=NOBODY)
    assert result.exit_code == 2 and "did you mean kernel_mem_audit_policy?" in result.output, result.output
    assert "UNREACHABLE" not in result.output


def test_settings_of_the_inventory_are_checked_with_the_hosts_that_have_them(ansible: Ansible) -> None:
    """A typing error in group_vars of one group out of many, which the first host does not have."""
    inventory = """
        all:
          hosts: {a: {}}
          children:
            web: {hosts: {b: {}, c: {}}, vars: {kernel_mem_audit_deadlin: 5, kernel_mem_audit_timeout: x}}
        """
    result = run(ansible, "audit", inventory=textwrap.dedent(inventory))
    assert "did you mean kernel_mem_audit_deadline?" in result.output and "is 'x' on b, c, but" in result.output
    limited = run(
        ansible,
        "audit",
        "--limit",
        "a",
        inventory=textwrap.dedent(inventory).replace("a: {}", "a: {ansible_connection: local}"),
    )
    assert limited.exit_code == 0, limited.output


def test_a_history_is_not_required_where_somebody_says_so(ansible: Ansible) -> None:
    """Then the report is made, and says what it lacks."""
    nowhere = "kernel_mem_audit_history=postgresql://nobody@127.0.0.1:1/none"
    arguments = ("-e", nowhere, "-e", "kernel_mem_audit_history_required=false")
    result = run(ansible, "audit", *arguments, inventory=HERE)
    assert result.exit_code == 0, result.output
    assert result.audit["history"]["state"] == "unavailable"


def test_groups_that_look_like_environments_are_told(ansible: Ansible) -> None:
    """Forty of a hundred hosts judged as production is the first hour of every newcomer."""
    inventory = "all: {children: {env_stage: {hosts: {a: {ansible_connection: local}}}}}"
    result = run(ansible, "audit", inventory=inventory)
    # Ansible breaks the lines of a warning.
    said = " ".join(result.output.split())
    assert result.exit_code == 0 and "groups look like environments: env_stage (1)" in said, result.output


def test_a_variable_of_somebody_else_is_nobody_s_business(ansible: Ansible) -> None:
    """Fleets have variables about kernel memory of their own."""
    result = run(ansible, "audit", "-e", "kernel_memory_limit=5", "-e", "kernel_mem=1", inventory=HERE)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("python", ["3.8", "3.9"])
def test_an_old_ansible_on_an_old_python_is_told_so_in_one_sentence(tmp_path: Path, python: str) -> None:
    """The first task of every playbook is read by that Python, and must not end in a TypeError of ours.

    A stand-in for ansible-core 2.13 has no more than what the file imports before it looks at the version. Where there
    is no such Python, the one that runs the tests takes its place.
    """
    installed = [*map(str, PYENV.glob(f"versions/{python}.*/bin/python")), shutil.which(f"python{python}")]
    interpreter = next(filter(None, installed), sys.executable)
    for name, text in {
        "errors": "class AnsibleError(Exception): pass\nclass AnsibleActionFail(AnsibleError): pass\n",
        "release": "__version__ = '2.13.13'\n",
        "context": "",
        "plugins/__init__": "",
        "plugins/action": "class ActionBase: pass\n",
        "plugins/loader": "lookup_loader = None\n",
        "utils/__init__": "",
        "utils/vars": "load_extra_vars = None\n",
        "__init__": "",
    }.items():
        path = tmp_path / "ansible" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "ansible_collections" / "fleetaudit").mkdir(parents=True)
    (tmp_path / "ansible_collections" / "fleetaudit" / "kernel_memory").symlink_to(ROOT)
    program = "import ansible_collections.fleetaudit.kernel_memory.plugins.action.kernel_memory_settings"
    said = subprocess.run(
        [interpreter, "-B", "-c", program],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stderr.splitlines()[-1].startswith(
        "ansible.errors.AnsibleError: fleetaudit.kernel_memory needs ansible-core 2.16 or newer"
    ), said.stderr
