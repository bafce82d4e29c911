# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for people that disturb no program."""

from __future__ import annotations

import pytest
from ansible import constants

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._screen import Terminal, read_by_people, tell
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.audience import QUIET, SUMMARY


@pytest.mark.parametrize(
    ("callback", "enabled", "out", "err"),
    [
        ("default", [], "word", ""),
        ("default", [SUMMARY], "", ""),
        ("ansible.posix.json", [], "", ""),
        ("ansible.posix.jsonl", [SUMMARY], "", ""),
        ("acme.tools.mine", [], "", "word"),
        (QUIET, [], "", ""),
    ],
)
def test_who_is_told(
    callback: str,
    enabled: list[str],
    out: str,
    err: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What our callbacks show is not said twice; a program that reads the output gets its own format alone."""
    monkeypatch.setattr(constants, "DEFAULT_STDOUT_CALLBACK", callback)
    monkeypatch.setattr(constants, "CALLBACKS_ENABLED", enabled)
    tell("word", unless=(QUIET, SUMMARY))
    said = capsys.readouterr()
    assert (said.out.strip(), said.err.strip()) == (out, err)
    assert read_by_people() is (callback in ("default", QUIET))


def test_a_log_has_no_state_and_no_signs_of_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A line that is rewritten is a mess in a file."""
    terminal = Terminal()
    terminal.status("1 of 2 hosts")
    terminal.say("ASKED     ", "2 of 2 hosts", "")
    assert not terminal.rewrites and capsys.readouterr().out == "ASKED     2 of 2 hosts\n"
