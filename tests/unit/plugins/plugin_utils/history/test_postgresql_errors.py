# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An error of a server becomes one sentence that says what to do; tests/history asks a real one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.postgresql_errors import (
    first_line,
    passwords_in,
    sentence_of,
)


def error(state, message="permission denied for schema x.\nHINT: ask"):
    """An error as the driver gives it."""
    return SimpleNamespace(sqlstate=state, diag=SimpleNamespace(message_primary=message))


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("53100", "The disk of the server of the history db is full"),
        ("53200", "has no room left for this: permission denied for schema x."),
        ("55P03", "was in use by another program for more than 60 seconds"),
        ("25006", "can be read only"),
        ("42501", "The user may not use the history db: permission denied for schema x."),
        ("42P01", "The history db is damaged: permission denied for schema x."),
        ("57P01", "ended the connection, so nothing of an unfinished run was kept"),
        ("08006", "ended the connection"),
        ("XX000", "The history db can't be used: permission denied for schema x."),
        (None, "The history db can't be used"),
    ],
)
def test_each_state_has_its_sentence(state, sentence):
    """The full disk before the other lacks of resources; an unknown state says what the server said."""
    said = sentence_of(error(state), "db", closed=False, waited=60)
    assert sentence in said and "\n" not in said and "HINT" not in said and said.endswith(".")


def test_a_connection_that_has_ended_says_so_whatever_the_state():
    """What the driver says then is of the socket."""
    assert "ended the connection" in sentence_of(error("XX000"), "db", closed=True, waited=60)


def test_an_error_without_words_has_its_name():
    """An empty reason would leave a sentence with a hole."""

    class OddError(Exception):
        diag = SimpleNamespace(message_primary=None)

    assert first_line(OddError("")) == "OddError" and first_line(OddError("a.\nb")) == "a"


@pytest.mark.parametrize(
    ("where", "secrets"),
    [
        ("postgresql://u:hunter2@db/x", {"hunter2"}),
        ("postgresql://u:hun%40ter@db/x", {"hun%40ter", "hun@ter"}),
        ("postgresql://u:a@b@db/x", {"a@b"}),
        ("host=db password=hunter2 dbname=x", {"hunter2"}),
        ("password = 'hun ter' host=db", {"'hun ter'", "hun ter"}),
        ("postgresql://db/x?password=hunter2&sslmode=require", {"hunter2"}),
        ("postgresql://u@db/x", set()),
    ],
)
def test_whatever_may_be_a_password_is_known(where, secrets, monkeypatch):
    """However wrong the address is: a driver repeats it in its message."""
    monkeypatch.delenv("PGPASSWORD", raising=False)
    assert passwords_in(where) == secrets


def test_the_password_of_the_environment_is_one(monkeypatch):
    """The server's refusal may hold it, too."""
    monkeypatch.setenv("PGPASSWORD", "hunter3")
    assert "hunter3" in passwords_in("postgresql://u@db/x")
