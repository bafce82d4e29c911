# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Becoming another user: Ansible's own become plugins, and programs that talk as sudo and su do.

tests/fanout has real sudo and su; here are the orders of words that real ones show too seldom.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible.plugins.loader import become_loader, shell_loader

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import Call, End, Said
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.escalation import (
    Dialogue,
    Escalation,
    Step,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.loop import Loop

PROGRAM = b"the program\nof two lines\n"


def plugin(name: str, password: str | None) -> Any:
    """A become plugin of Ansible that has built a command."""
    made = become_loader.get(name)
    made.set_options(task_keys={}, var_options={}, direct={"become_pass": password} if password else {})
    made.build_become_command("true", shell_loader.get("sh"))
    return made


def talk(become: Any, script: str, password: bytes = b"right", silent: float = 60.0, seconds: float = 60.0) -> Said:
    """What comes of a shell program in the place of ssh, sudo and the host."""
    names = f"PROMPT='{become.prompt}'; SUCCESS='{become.success}'; "
    came: list[Said] = []
    escalation = Escalation(become, password, silent)
    made = Call("h", (b"/bin/sh", b"-c", (names + script).encode()), PROGRAM, seconds, escalation=escalation)
    Loop(1, lambda _call, said: came.append(said), lambda: True).run(iter([made]))
    return came[0]


CHECKED = (
    'printf "$PROMPT" >&2; IFS= read -r given; [ "$given" = right ] || { echo "Sorry, try again." >&2; exit 1; }; '
    "echo $SUCCESS; cat"
)


def test_password_and_program_each_when_they_are_asked_for() -> None:
    """They share one input: sudo must never read the program, nor the program the password."""
    said = talk(plugin("sudo", "right"), CHECKED)
    assert (said.end, said.out) == (End.ENDED, PROGRAM)
    assert b"BECOME" not in said.out + said.err


def test_a_wrong_password_is_an_end_at_once() -> None:
    """Waiting for the deadline would hold a place, and a second try could lock the account."""
    assert talk(plugin("sudo", "wrong"), CHECKED, b"wrong").end is End.WRONG_PASSWORD


def test_a_prompt_that_comes_again_means_a_wrong_password() -> None:
    """Not every sudo says sorry."""
    again = 'printf "$PROMPT" >&2; read -r x; printf "\\n$PROMPT" >&2; read -r y; echo never'
    assert talk(plugin("sudo", "wrong"), again).end is End.WRONG_PASSWORD


def test_no_password_is_needed_although_there_is_one() -> None:
    """A rule with NOPASSWD asks nothing; the password must not become the program's first line."""
    said = talk(plugin("sudo", "right"), "echo $SUCCESS; cat")
    assert (said.end, said.out) == (End.ENDED, PROGRAM)


def test_without_a_password_the_program_waits_for_success() -> None:
    """With sudo -S and without -n the program's first line would be taken for a password."""
    said = talk(plugin("sudo", None), "sleep 0.1; echo $SUCCESS; cat")
    assert (said.end, said.out) == (End.ENDED, PROGRAM)


def test_a_missing_password_is_said() -> None:
    """sudo -n says so and ends."""
    said = talk(plugin("sudo", None), "echo 'sudo: a password is required' >&2; sleep 60")
    assert said.end is End.MISSING_PASSWORD


def test_words_in_pieces_and_noise_before_them() -> None:
    """A network cuts where it likes, and login shells talk."""
    script = (
        'echo Welcome; echo "debug1: $SUCCESS" >&2; p=$PROMPT; printf "%.9s" "$p" >&2; sleep 0.1; '
        'printf "%s" "${p#?????????}" >&2; read -r given; s=$SUCCESS; printf "%.7s" "$s"; sleep 0.1; '
        'printf "%s\\n" "${s#???????}"; echo "password $given"; cat'
    )
    said = talk(plugin("sudo", "right"), script)
    assert said.out == b"Welcome\npassword right\n" + PROGRAM


@pytest.mark.parametrize("prompt", ["Password: ", "Passwort: ", "密码："])
def test_su_asks_in_many_languages(prompt: str) -> None:
    """The prompts are those of Ansible's plugin."""
    become = plugin("su", "right")
    script = f"printf '{prompt}'; read -r given; echo $SUCCESS; echo $given; cat"
    assert talk(become, script).out == b"right\n" + PROGRAM
    refused = f"printf '{prompt}'; read -r given; echo 'su: Authentication failure' >&2; sleep 60"
    assert talk(plugin("su", "right"), refused).end is End.WRONG_PASSWORD


def test_a_host_that_says_nothing_is_given_up() -> None:
    """As Ansible does: a sudo that waits for a directory server holds no place for the whole time."""
    assert talk(plugin("sudo", "right"), "sleep 60", silent=0.3).end is End.SILENT
    assert talk(plugin("sudo", "right"), "echo $SUCCESS; sleep 0.6; cat", silent=0.3).out == PROGRAM


def test_a_flood_before_the_prompt_is_cut() -> None:
    """Half a line without end is kept for its other half, within the same bound."""
    assert talk(plugin("sudo", "right"), "exec cat /dev/zero").end is End.FLOODED


def test_what_is_said_without_an_end_of_line_is_not_lost() -> None:
    """The last word before the end may be the cause."""
    said = talk(plugin("sudo", None), "printf 'sudo: command not found' >&2; exit 1")
    assert (said.end, said.err) == (End.ENDED, b"sudo: command not found")


def test_a_dialogue_gives_the_password_once() -> None:
    """Prompts on both streams (a terminal's echo) are one prompt."""
    become = plugin("sudo", "right")
    dialogue = Dialogue(Escalation(become, b"right", 1.0))
    prompt = become.prompt.encode()
    assert dialogue.hear("err", prompt) == (b"", Step.GIVE_PASSWORD)
    assert dialogue.hear("out", become.success.encode() + b"\nrest") == (b"", Step.SEND)
    assert dialogue.rest("out") == b"rest"
