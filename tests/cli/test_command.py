# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command kernel-memory, run as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits

COMMANDS = ["audit", "gate", "investigate", "compare", "explain", "resume", "open", "doctor", "completion"]


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder. Ansible would find the collection by Python's path, too, which no user has set."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli"), *arguments],
        cwd=folder,
        env={**inherited, "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"), **environment},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with one report of 60 hosts."""
    folder = tmp_path / "reports" / "2026-11-24T120000Z"
    folder.mkdir(parents=True)
    (folder / "audit.json").write_text(json.dumps(audits.audit(60)))
    return tmp_path


def test_help_names_every_command(tmp_path: Path) -> None:
    """Without a command there is help, and no success."""
    said = run(tmp_path)
    assert said.returncode == 2 and all(name in said.stdout for name in COMMANDS)
    assert run(tmp_path, "audit", "--help").returncode == 0


def test_audit_ends_with_the_verdict_and_explain_says_the_same(tmp_path: Path) -> None:
    """This machine, without an inventory; then what the report says of it."""
    said = run(tmp_path, "audit", "-e", "kernel_mem_audit_timeout=600", "-e", "kernel_mem_audit_deadline=300")
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.splitlines()[-1].startswith("REPORT    reports/") and "PLAY" not in said.stdout
    explained = run(tmp_path, "explain", "localhost")
    assert explained.returncode == 0 and explained.stdout.startswith("localhost: "), explained.stderr


def test_a_wrong_setting_ends_with_ansibles_exit_code(tmp_path: Path) -> None:
    """What goes wrong below goes wrong above."""
    said = run(tmp_path, "audit", "-e", "kernel_mem_audit_polcy=x.yml")
    assert said.returncode == 2 and "kernel_mem_audit_policy" in said.stdout


def test_investigate_asks_the_hosts_that_are_named_and_no_others(tmp_path: Path) -> None:
    """Names are hosts of the inventory; a count of hosts is another setting."""
    (tmp_path / "hosts.yml").write_text("all: {vars: {ansible_connection: local}, hosts: {a: , b: , c: , d: }}")
    quick = ("-e", "kernel_mem_audit_investigate_windows=2", "-e", "kernel_mem_audit_investigate_window=0.5")
    said = run(tmp_path, "investigate", "-i", "hosts.yml", "a", "c", *quick)
    assert said.returncode == 0, said.stdout + said.stderr
    found = json.loads(next(tmp_path.glob("reports/*/investigation.json")).read_text())
    assert [host["name"] for host in found["hosts"]] == ["a", "c"]


def test_explain_shows_findings_and_suggests_names(reports: Path) -> None:
    """A typo at 3 a.m. costs no search."""
    audit = json.loads(next((reports / "reports").glob("*/audit.json")).read_text())
    host = next(host for host in audit["hosts"] if host["findings"])
    said = run(reports, "explain", host["name"])
    assert f"{host['name']}: {host['verdict']}" in said.stdout and "Next: " in said.stdout
    wrong = run(reports, "explain", host["name"][:-1] + "x")
    assert wrong.returncode == 2 and "did you mean" in wrong.stderr and "Traceback" not in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["open"], "There is no report in reports"),
        (["explain", "web1"], "There is no report in reports"),
        (["resume"], "No run in reports ended early"),
        (["compare", "absent", "absent"], "There is no file or folder absent, seen from /"),
        (["open", "--wrong"], "open does not know --wrong."),
        (["investigate", "web1", "--limit", "web2"], "Give names of hosts or --limit, not both."),
    ],
)
def test_a_mistake_has_one_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    """And what to do."""
    said = run(tmp_path, *arguments)
    assert said.returncode == 2 and words in said.stderr and "Traceback" not in said.stderr


def test_compare_gives_the_exit_code_and_the_words(reports: Path) -> None:
    """A report with itself: nothing changed."""
    folder = str(next((reports / "reports").glob("*")))
    said = run(reports, "compare", folder, folder)
    assert said.returncode == 0 and "0 hosts are worse" in said.stdout, said.stdout + said.stderr


def test_doctor_finds_this_controller_ready(tmp_path: Path) -> None:
    """Versions, the collection, forks, ssh, files, disk and history, and an exit code."""
    said = run(tmp_path, "doctor")
    assert said.returncode == 0 and said.stdout.splitlines()[-1] == "Ready.", said.stdout
    for words in (
        "ansible-core 2.",
        "Python 3.",
        "collection fleetaudit",
        "forks",
        "pipelining",
        "ssh",
        "free",
        "history",
    ):
        assert words in said.stdout
    without = run(tmp_path, "doctor", ANSIBLE_COLLECTIONS_PATH=str(tmp_path))
    assert without.returncode == 1 and "WRONG  collection" in without.stdout


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    """In a real bash."""
    script = run(tmp_path, "completion", "bash").stdout
    ask = (
        script
        + """
    COMP_WORDS=(kernel-memory in); COMP_CWORD=1; _kernel_memory; echo "${COMPREPLY[@]}"
    COMP_WORDS=(kernel-memory audit --l); COMP_CWORD=2; _kernel_memory; echo "${COMPREPLY[@]}"
    """
    )
    said = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["investigate", "--limit"]


def test_zsh_is_given_every_command(tmp_path: Path) -> None:
    """Of a zsh only the text is tried: there is none where the tests run."""
    script = run(tmp_path, "completion", "zsh").stdout
    assert script.startswith("#compdef kernel-memory") and all(f"'{name}:" in script for name in COMMANDS)
