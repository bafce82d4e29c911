# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command that makes the report of a run that ended early, and when a run can be taken up."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.resume import (
    CommandLine,
    kept_sentence,
    run_to_resume,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import Holder
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.run.spools import head, spool


def test_a_run_that_goes_on_is_not_resumed(tmp_path: Path, gone: Holder) -> None:
    """Two that write one report would each lose the other's."""
    with pytest.raises(ValueError, match="is still going on"):
        run_to_resume(str(spool(tmp_path, head(Holder.of(os.getpid())))))
    with pytest.raises(ValueError, match="is no spool of an audit"):
        run_to_resume(str(tmp_path / "none"))
    found, contents = run_to_resume(str(spool(tmp_path, head(gone), name="other")))
    assert found.run_id == "r1" and sorted(contents.records) == ["h0", "h1"]


def test_the_command_is_the_one_of_the_run(tmp_path: Path) -> None:
    """The same hosts, judged in the same way, from any folder, whatever is in the names."""
    line = CommandLine(
        inventories=["/srv/in ventory.yml", "a,b,"],
        limit="web:!web3",
        extra_variables=[
            "@/srv/vars.yml",
            "kernel_mem_audit_policy=policy.yml",
            '{"kernel_mem_audit_fail_on": ["unknown"]}',
        ],
        vault=["--vault-id", "prod@prompt"],
        hosts_pattern="web",
        folder="/srv/my audits",
    )
    folder, command = line.resuming("/srv/my audits/a.spool").split(" && ")
    assert shlex.split(folder) == ["cd", "/srv/my audits"]
    words = shlex.split(command)
    assert words[:2] == ["ansible-playbook", "fleetaudit.kernel_memory.report"]
    assert words[2:] == [
        *("-i", "/srv/in ventory.yml", "-i", "a,b,", "--limit", "web:!web3", "--vault-id", "prod@prompt"),
        *("-e", "@/srv/vars.yml", "-e", "kernel_mem_audit_policy=policy.yml"),
        *("-e", '{"kernel_mem_audit_fail_on": ["unknown"]}', "-e", "kernel_mem_audit_hosts=web"),
        *("-e", "kernel_mem_audit_resume='/srv/my audits/a.spool'"),
    ]
    assert command in kept_sentence("/srv/my audits/a.spool", line.resuming("/srv/my audits/a.spool"))


@pytest.mark.parametrize(
    "given",
    [
        "kernel_mem_audit_history=postgresql://audit:s3cret@db/fleet",
        '{"kernel_mem_audit_history": "postgresql://audit:s3cret@db/fleet"}',
        "kernel_mem_audit_history='host=db password=s3cret user=audit'",
    ],
)
def test_a_password_is_not_repeated(given: str) -> None:
    """The command stands in logs, in a file and in messages."""
    line = CommandLine([], None, [given], [], "all", "/srv")
    assert "s3cret" not in line.resuming("x") and "***" in line.resuming("x")


def test_a_run_that_is_resumed_twice_names_its_spool_once() -> None:
    """The command of a resumed run is that of the first."""
    line = CommandLine([], None, ["kernel_mem_audit_resume=old"], [], "all", "/srv")
    assert line.resuming("new").count("kernel_mem_audit_resume") == 1
