# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen of a gate's decision: what a person sees who was woken by it."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_gate import MOST_HOSTS, decision_lines
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import Style
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import SICK, after_look, decided, lost_look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB


def test_the_bad_hosts_come_first_and_the_decision_last(tmp_path: Path) -> None:
    """With the table that shows where it comes from; below it all that has to be done, and nothing twice."""
    decision = decided(tmp_path, {"web1": after_look(), "web2": after_look(**SICK), "web3": lost_look()})
    lines = decision_lines(decision, "/srv/decision.json")
    hosts = [line.split()[:2] for line in lines if line.startswith(("  bad ", "  good "))]
    assert hosts == [["bad", "web2"], ["bad", "web3"], ["good", "web1"]]
    lost = next(number for number, line in enumerate(lines) if "web3" in line)
    assert lines[lost].endswith("5.10.0 -> ?") and lines[lost + 1].strip() == "It did not come back: no route to host"
    table = next(line for line in lines if "Unreclaimable slab  " in line)
    assert " ".join(table.split()) == "Unreclaimable slab 1 GiB 12.5 GiB x 12.5 web2 +11.5 GiB"
    leads = [line.split(" ", 1)[0] for line in lines if line[:1].isalpha()]
    assert leads == ["GATE", "GATE", "NEXT", "DECISION"] and lines[-1] == "DECISION   /srv/decision.json"
    text = " ".join(" ".join(lines).split())
    assert text.count("GATE FAIL: 2 of 3 hosts of this batch in production are bad") == 1
    assert text.count(decision["sentence"]) == 1


def test_it_keeps_to_the_width_and_colour_says_nothing_that_words_do_not(tmp_path: Path) -> None:
    """A command alone is as long as it is, so that it can be picked up."""
    decision = decided(tmp_path, {"web1": after_look(), "web2": after_look(**SICK)})
    plain = decision_lines(decision, None, Style(80))
    commands = ("           ansible-playbook ", "           -e ")
    assert all(len(line) <= 80 for line in plain if not line.startswith(commands))
    painted = decision_lines(decision, None, Style(80, colour=True))
    assert "\x1b[1;31mGATE FAIL: \x1b[0m" in "\n".join(painted)
    assert [line.replace("\x1b[0m", "") for line in painted] != plain
    colourless = "\n".join(painted)
    for code in ("\x1b[1;31m", "\x1b[1m", "\x1b[0m"):
        colourless = colourless.replace(code, "")
    assert colourless == "\n".join(plain)


def test_a_large_batch_is_shown_in_part(tmp_path: Path) -> None:
    """All of it is in decision.json."""
    names = [f"web{place:03}" for place in range(MOST_HOSTS + 10)]
    looks = {name: after_look(slab_unreclaimable_bytes=512 * MIB) for name in names}
    decision = decided(tmp_path, looks)
    lines = decision_lines(decision, None)
    assert "  ... and 10 more in decision.json" in lines
    assert len(lines) < MOST_HOSTS + 30
    assert len(decision["hosts"]) == MOST_HOSTS + 10


def test_a_host_sends_no_sign_to_the_terminal(tmp_path: Path) -> None:
    """Not in its kernel's name, and not in its own."""
    lines = decision_lines(decided(tmp_path, {"web1": after_look(kernel_release="6\x1b[2J")}), "/x")
    assert all(line.isprintable() for line in lines)
