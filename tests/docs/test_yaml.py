# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every block of YAML in README and the guides is what the guide says it is, to Ansible and to the policy's reader."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path

import pytest
import yaml
from _pytest.mark.structures import ParameterSet

from ansible_collections.fleetaudit.kernel_memory.tests.docs.blocks import Block, blocks
from ansible_collections.fleetaudit.kernel_memory.tests.docs.reader import Reader
from ansible_collections.fleetaudit.kernel_memory.tests.docs.stages import STAGES
from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab

ALL = blocks("yaml")


def of_kind(*kinds: str) -> list[ParameterSet]:
    """The blocks of some kinds, as parameters with their places as names."""
    found = [pytest.param(block, id=block.name) for block in ALL if block.kind in kinds]
    assert found, kinds
    return found


def test_every_block_says_what_it_is() -> None:
    """So that each is tried in its own way."""
    known = {"policy", "play", "tasks", "requirements", "inventory", "output", "GitLab"}
    assert [(block.name, block.kind) for block in ALL if block.kind not in known] == []


@pytest.mark.parametrize("block", of_kind("policy"))
def test_a_policy_is_taken(block: Block, reader: Reader) -> None:
    """By the playbook that shows what holds, for real hosts."""
    (reader.folder / "policy.yml").write_text(block.text)
    said = reader.types(
        "ansible-playbook fleetaudit.kernel_memory.policy -i inventory -e kernel_mem_audit_policy=policy.yml"
    )
    assert said.exit_code == 0, said.output


@pytest.mark.parametrize("block", of_kind("play"))
def test_a_play_runs(block: Block, reader: Reader, lab: GateLab, checkout: Path) -> None:
    """On hosts that are well: the play of README fails on purpose where one is critical."""
    (reader.folder / "play.yml").write_text(block.text)
    with STAGES[block.needs](reader, lab, checkout):
        said = reader.types("ansible-playbook -i inventory play.yml --limit web:localhost")
    assert said.exit_code == 0, said.output


@pytest.mark.parametrize("block", of_kind("tasks"))
def test_tasks_are_tasks(block: Block, reader: Reader) -> None:
    """Ansible knows every module, option and keyword. What works on the history alone is run, too."""
    tasks = textwrap.indent(block.text, "    ")
    (reader.folder / "play.yml").write_text(f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}")
    check = "" if "kernel_memory_history" in block.text else "--syntax-check"
    said = reader.types(f"ansible-playbook -i inventory play.yml {check}")
    assert said.exit_code == 0, said.output


@pytest.mark.parametrize("block", of_kind("requirements"))
def test_requirements_install_the_collection(block: Block, reader: Reader) -> None:
    """With the branch that the guide names, of this checkout."""
    (reader.folder / "requirements.yml").write_text(block.text)
    said = reader.types("ansible-galaxy collection install -r requirements.yml -p here")
    assert said.exit_code == 0, said.output
    assert (reader.folder / "here/ansible_collections/fleetaudit/kernel_memory/playbooks/audit.yml").exists()


@pytest.mark.parametrize("block", of_kind("inventory"))
def test_an_inventory_has_the_groups_of_the_newest_report(block: Block, reader: Reader) -> None:
    """Its first line says what its file must be called."""
    name = re.match(r"# (\S+)", block.text)
    assert name
    (reader.folder / name[1]).write_text(block.text)
    said = reader.types(f"ansible-inventory -i {name[1]} --list")
    assert "db1" in json.loads(said.output)["kernel_memory_critical"]["hosts"], said.output


@pytest.mark.parametrize("block", of_kind("GitLab"))
def test_a_job_of_gitlab_finds_its_artifacts(block: Block, reader: Reader) -> None:
    """The command runs, and what the job collects is there then."""
    for job in yaml.safe_load(block.text).values():
        said = reader.types(job["script"])
        assert said.exit_code == 0, said.output
        assert (reader.folder / job["artifacts"]["reports"]["junit"]).is_file()
        assert all((reader.folder / path).exists() for path in job["artifacts"]["paths"])


@pytest.mark.parametrize("block", of_kind("output"))
def test_output_is_yaml(block: Block) -> None:
    """A reader compares it with what is on the screen."""
    assert isinstance(yaml.safe_load(block.text), dict)
