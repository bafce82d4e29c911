# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gathering as it is shown: on a terminal, in a log, and of a fleet of thousands."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import Origin, failure
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import SpoolFile
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.following import MOST_HOSTS, Following
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.spool_tail import SpoolTail
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic


class Paper:
    """A screen that keeps what is shown, and a clock that the test turns."""

    def __init__(self, *, rewrites: bool) -> None:
        self.rewrites, self.now = rewrites, 0.0
        self.said: list[str] = []
        self.states: list[str] = []

    def say(self, lead: str, words: str, kind: str) -> None:
        self.said.append(f"{lead}{words}")

    def status(self, words: str) -> None:
        self.states.append(words)

    def clock(self) -> float:
        return self.now


def following(folder: Path, paper: Paper, total: int) -> Following:
    """Follow the spool in a folder."""
    return Following(SpoolTail(str(folder / "spool"), "run-1"), total, paper, paper.clock)


def test_of_4000_hosts_a_log_has_a_line_from_time_to_time(tmp_path: Path) -> None:
    """Hosts that are well say nothing, and a site that is down does not fill the screen."""
    spool, paper = SpoolFile(str(tmp_path / "spool")), Paper(rewrites=False)
    shown = following(tmp_path, paper, 4000)
    shown.begin()
    for number in range(4000):
        paper.now = number / 40
        if number % 100:
            record = {"format": 2, "run_id": "run-1", "host": f"h{number}", "outcome": "facts", "facts": {}}
        else:
            record = dict(Origin("run-1", f"h{number}", (), None).record(failure("unreachable", "No route to host")))
        spool.append(record)
        if not number % 20:
            shown.look()
    shown.end()
    without = [line for line in paper.said if line.startswith("NO DATA   h")]
    assert len(without) == MOST_HOSTS and "No route to host" in without[0]
    assert "NO DATA   20 more hosts" in paper.said
    assert paper.said[-1] == "ASKED     4,000 of 4,000 hosts, 40 without data"
    progress = [line for line in paper.said if line.startswith("          ")]
    assert len(progress) == 3 and progress[0].endswith("40 a second, 70 s left"), progress
    assert len(paper.said) == 1 + MOST_HOSTS + 3 + 2


def test_a_terminal_has_one_line_that_is_rewritten(tmp_path: Path) -> None:
    """And nothing of it stays."""
    paper = Paper(rewrites=True)
    shown = following(tmp_path, paper, 2)
    shown.begin()
    SpoolFile(str(tmp_path / "spool")).append({**synthetic.record("a"), "run_id": "run-1"})
    shown.look()
    shown.add("b", "failed", "'x' is undefined")
    shown.end()
    assert paper.states[0] == "1 of 2 hosts, 0 s so far" and paper.states[-1] == ""
    assert paper.said == ["NO DATA   b: Gathering failed: 'x' is undefined", "ASKED     2 of 2 hosts, 1 without data"]


def test_what_a_host_says_can_not_move_the_cursor(tmp_path: Path) -> None:
    """Messages of hosts are hostile."""
    paper = Paper(rewrites=True)
    shown = following(tmp_path, paper, 1)
    shown.add("\x1b[2Jevil", "failed", "\x1b]0;owned\x07" + "x" * 900)
    assert "\x1b" not in paper.said[0] and len(paper.said[0]) < 400
