# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One question to this machine and its answer."""

from __future__ import annotations

import json
import os
import time

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import ask as asking
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.ask import ask, main

WANTED: dict[str, list[object]] = {"caches": [], "processes": [], "names": [], "sockets": []}
LOOK = {"question": "look", "wanted": WANTED, "deadline": 20}


def test_an_answer_says_what_was_asked_and_what_could_not_be_read() -> None:
    """Without these nobody could tell a healthy host from one that let nothing be read."""
    found = ask({**LOOK, "wanted": {**WANTED, "names": [os.getpid()]}})
    assert found["question"] == "look" and isinstance(found["errors"], dict) and found["python"][0] in "23"
    assert found["processes"][str(os.getpid())]["pid"] == os.getpid()


def test_the_windows_come_with_the_machine() -> None:
    """The load of a host and its user say how the windows are understood."""
    found = ask({"question": "watch", "windows": 2, "seconds": 0.05, "deadline": 30})
    assert len(found["times"]) == 3 and found["machine"]["user"] == os.geteuid()


def test_in_check_mode_nothing_is_traced() -> None:
    """Whatever the controller says beside it."""
    with pytest.raises(RuntimeError, match="check mode"):
        ask({"question": "trace", "check_mode": True, "deadline": 5})


def test_a_host_that_is_no_linux_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files would be others."""
    monkeypatch.setattr(os, "uname", lambda: ("FreeBSD",))
    with pytest.raises(RuntimeError, match="not Linux"):
        ask(LOOK)


def test_a_file_that_does_not_answer_is_ended_by_the_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read in the kernel may never return; a second after the deadline the answer is given up."""
    monkeypatch.setattr(asking, "look", lambda *_arguments: time.sleep(60))
    with pytest.raises(RuntimeError, match="deadline"):
        ask({**LOOK, "deadline": 0})


def test_the_answer_stands_between_the_marks(capfd: pytest.CaptureFixture[str]) -> None:
    """What a login script prints before it is not the answer; an error is one, too."""
    main("MARK", LOOK)
    main("OTHER", {"question": "look", "deadline": 5})
    said = capfd.readouterr().out
    assert "reading" in json.loads(said.split("<<MARK\n")[1].split("\nMARK>>")[0])
    assert json.loads(said.split("<<OTHER\n")[1].split("\nOTHER>>")[0]) == {"error": "KeyError: 'wanted'"}
