# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback quiet, given what ansible-core gives it of 4,000 hosts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.callback.quiet import CallbackModule
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import Origin, failure
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import SpoolFile
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.last_screen import MOST_LINES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.test__callback import OURS

HOSTS = 4000


def given(action: str, host: str = "web1", **values: object) -> object:
    """What ansible-core gives a callback."""
    task = SimpleNamespace(action=action, get_name=lambda: "A task")
    return SimpleNamespace(result=values, task=task, host=SimpleNamespace(get_name=lambda: host))


@pytest.fixture
def callback(monkeypatch: pytest.MonkeyPatch) -> CallbackModule:
    """The callback with its option."""
    made = CallbackModule()
    monkeypatch.setattr(made, "get_option", lambda _name: 1000.0)
    return made


@pytest.mark.parametrize("way", ["task", "fanout"])
def test_4000_hosts_end_with_the_verdict(
    way: str, callback: CallbackModule, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks the hosts: one task, or a task each. Today's screen ended with 4,000 lines of recap."""
    spool = SpoolFile(str(tmp_path / "spool"))
    callback.v2_runner_on_ok(given(f"{OURS}plan", run_id="run-1", spool=spool.path, hosts=HOSTS))
    for number in range(HOSTS):
        name = f"h{number}"
        if number % 500:
            spool.append({"format": 2, "run_id": "run-1", "host": name, "outcome": "facts", "facts": {}})
        else:
            spool.append(dict(Origin("run-1", name, (), None).record(failure("unreachable", "No route to host"))))
        if way == "task":
            if number % 500:
                callback.v2_runner_on_ok(given(f"{OURS}facts", name, ansible_facts={}))
            else:
                callback.v2_runner_on_unreachable(given(f"{OURS}facts", name, msg="No route to host"))
    if way == "fanout":
        callback.v2_runner_on_ok(given(f"{OURS}gather", hosts=HOSTS))
    callback.v2_playbook_on_play_start(SimpleNamespace(get_name=lambda: "Report"))
    before = capsys.readouterr().out.splitlines()
    assert before[0] == "ASKING    4,000 hosts"
    assert before[-1] == "ASKED     4,000 of 4,000 hosts, 8 without data"
    assert sorted(line.split(":")[0] for line in before[1:-1]) == sorted(
        f"NO DATA   h{number}" for number in range(0, HOSTS, 500)
    )
    screen = content_of(read(audits.audit(HOSTS)), {"report.html": "/srv/r/report.html"}).as_plain()
    callback.v2_runner_on_ok(given(f"{OURS}report", screen=screen))
    callback.v2_playbook_on_stats(SimpleNamespace())
    end = capsys.readouterr().out.splitlines()
    assert len(end) <= 1 + MOST_LINES
    assert end[-1] == "REPORT    /srv/r/report.html"
    assert any(line.startswith("CRITICAL  ") for line in end[-8:])


def test_a_failure_is_told_whole(callback: CallbackModule, capsys: pytest.CaptureFixture[str]) -> None:
    """What to do stands at its end."""
    sentence = "The history can't be opened; " + "word " * 60 + "write -e kernel_mem_audit_history=PATH."
    callback.v2_runner_on_failed(given(f"{OURS}settings", msg=sentence))
    said = capsys.readouterr().out
    assert " ".join(said.split()) == f"FAILED web1: A task: {' '.join(sentence.split())}"
    callback.v2_runner_on_failed(given("ansible.builtin.command", msg="ignored"), ignore_errors=True)
    assert capsys.readouterr().out == ""


def test_changes_and_debug_are_shown(callback: CallbackModule, capsys: pytest.CaptureFixture[str]) -> None:
    """A rolling upgrade under this callback is followed by its changes."""
    callback.v2_runner_on_ok(given("ansible.builtin.command", "db1", changed=True))
    callback.v2_runner_on_ok(given("ansible.builtin.debug", "db1", msg="hello"))
    callback.v2_runner_on_ok(given("ansible.builtin.command", "db1", changed=False))
    assert capsys.readouterr().out.splitlines() == ["CHANGED   db1: A task", "          hello"]


def test_the_decision_of_a_gate_is_not_told_twice(callback: CallbackModule, capsys: pytest.CaptureFixture[str]) -> None:
    """Its screen stands above; a task that fails for another reason is told."""
    callback.v2_runner_on_ok(given(f"{OURS}gate", last_line="GATE FAIL: 1 of 2 hosts is bad."))
    callback.v2_runner_on_failed(given("ansible.builtin.fail", msg="GATE FAIL: 1 of 2 hosts is bad."))
    assert capsys.readouterr().out == ""
    callback.v2_runner_on_failed(given("ansible.builtin.command", msg="no space left on device"))
    assert "no space left on device" in capsys.readouterr().out
