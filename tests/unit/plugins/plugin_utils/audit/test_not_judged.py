# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host without a verdict has a reason, a sentence and one step that somebody can do."""

from __future__ import annotations

import shlex

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import (
    MAXIMUM_MESSAGE,
    REASONS,
    no_data,
    outcome_of,
)


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("host", ["web1", "web 1; rm -rf ~"])
def test_every_reason_has_a_sentence_and_a_step(reason: str, host: str) -> None:
    """A step is copied into a shell: the name of a host must stay one word of it."""
    found = no_data(reason, host)
    assert found.reason == reason and found.message.endswith(".") and not found.next_step.endswith(".")
    assert "{host}" not in found.next_step
    assert host not in found.next_step or shlex.quote(host) in found.next_step


@pytest.mark.parametrize(
    ("reason", "said", "message"),
    [
        ("unreachable", "No route to host", "Ansible could not connect to the host: No route to host"),
        ("unreachable", "  ", "Ansible could not connect to the host."),
        ("unreachable", None, "Ansible could not connect to the host."),
        ("timed_out", " It took 60 s. ", "It took 60 s."),
        ("timed_out", None, "The host did not answer in time."),
    ],
)
def test_what_was_said_follows_the_sentence(reason: str, said: str | None, message: str) -> None:
    """The collector's own sentences need no introduction; those of ssh do."""
    assert no_data(reason, "web1", said).message == message


@pytest.mark.parametrize("length", [MAXIMUM_MESSAGE, MAXIMUM_MESSAGE + 1, 9000])
def test_of_a_long_message_the_end_is_kept(length: int) -> None:
    """A traceback says what happened at its end."""
    said = "x" * (length - 4) + "end!"
    message = no_data("timed_out", "web1", said).message
    assert message.endswith("end!") and len(message) == MAXIMUM_MESSAGE
    assert message.startswith("...") == (length > MAXIMUM_MESSAGE)


def test_a_reason_that_is_not_known_is_refused() -> None:
    """It would be a host that nobody can help."""
    with pytest.raises(ValueError, match="The reason 'lost' is not known; it must be one of unreachable, "):
        no_data("lost", "web1")


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({"outcome": "facts", "message": "x"}, ("facts", None)),
        (
            {"outcome": "unreachable", "cause": "refused", "message": "Connection refused"},
            ("refused", "Connection refused"),
        ),
        ({"outcome": "unreachable", "cause": "bad luck", "message": "m"}, ("unreachable", "m")),
        ({"outcome": "unreachable", "cause": ["refused"], "message": 7}, ("unreachable", None)),
        ({"outcome": "facts "}, ("unreadable", "its record has an outcome that is not known.")),
        ({}, ("unreadable", "its record has an outcome that is not known.")),
    ],
)
def test_why_a_record_of_the_spool_has_no_facts(record: dict[str, object], found: tuple[str, str | None]) -> None:
    """The cause where it is known, else the outcome; the spool lies in a folder that others may write to."""
    assert outcome_of(record) == found
