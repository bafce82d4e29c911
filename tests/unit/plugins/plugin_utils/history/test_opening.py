# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may write to name a history, and that no password ever comes out again."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store, store_name
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError

SECRET = "S3cr3tWord"


@pytest.mark.parametrize("form", ["{}", "sqlite://{}", "sqlite:///{}"])
def test_a_path_and_its_url_are_one_file(tmp_path: Path, form: str) -> None:
    """With two or four slashes: a path after sqlite:// never means the working folder, where a second history would
    begin unseen.
    """
    where = form.format(tmp_path / "a history.db").replace(" ", " " if form == "{}" else "%20")
    store = open_store(where)
    assert store.info.name == store_name(where) == str(tmp_path / "a history.db")
    assert (tmp_path / "a history.db").is_file()
    store.close()


def test_a_relative_path_and_a_home_folder_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for where, path in (
        ("h.db", "h.db"),
        ("~/h.db", "home/h.db"),
        (":memory:", ":memory:"),
        ("file:x?mode=memory", "file:x?mode=memory"),
    ):
        open_store(where).close()
        assert (tmp_path / path).is_file(), (
            "even names that mean something to SQLite are files, so that no history is lost at the end"
        )


@pytest.mark.parametrize(
    "where",
    [
        "",
        " ",
        "sqlite://",
        "sqlite:///",
        "sqlite://relative.db",
        "sqlite:///x.db?mode=ro",
        f"mysql://audit:{SECRET}@db/x",
        f"postgresql+psycopg://a:{SECRET}@db/x",
        "http://x/y",
        "a\0b",
        "~nobody-of-this-name/h.db",
    ],
)
def test_what_is_no_history_is_one_sentence(where: str) -> None:
    with pytest.raises(HistoryError, match=r"^[A-Z][^\n]*\.$") as caught:
        open_store(where)
    assert SECRET not in str(caught.value) and caught.value.__context__ is None


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (f"postgresql://audit:{SECRET}@db.example.net:5433/fleet", "postgresql://db.example.net:5433/fleet"),
        ("postgres://db/fleet", "postgresql://db/fleet"),
        (f"postgresql://audit:p@{SECRET}/@db/fleet", "postgresql://db/fleet"),
        (f"postgresql://db/fleet?user=audit&password={SECRET}", "postgresql://db/fleet"),
        (
            f"postgresql://db/fleet?sslpassword={SECRET}&host=/run/postgresql&port=5433",
            "postgresql://db/fleet?host=/run/postgresql&port=5433",
        ),
        (f"postgresql:///fleet?host={SECRET}%20x@y", "postgresql://"),
        (f"postgresql://db/fleet?password=x@{SECRET}", "postgresql://"),
        (f"postgresql://audit:{SECRET}?@[::1]:5432/fleet?sslmode=require", "postgresql://"),
        (f"postgresql://audit:{SECRET}@[::1]:5432/fleet?sslmode=require", "postgresql://[::1]:5432/fleet"),
        (f"postgresql://audit:{SECRET} db/fleet", "postgresql://"),
        ("postgresql://", "postgresql://"),
        ("service=fleet", "service=fleet"),
        (f"service = fleet password='{SECRET} host=x'", "service=fleet"),
        (f"host=db dbname=fleet password={SECRET}", "host=db dbname=fleet"),
        (f"password={SECRET}", "postgresql"),
        (f"host=db password='{SECRET}", "postgresql"),
        (f"mysql://audit:{SECRET}@db/x", "of an unknown kind"),
    ],
)
def test_the_name_of_a_history_has_no_user_and_no_password(where: str, name: str) -> None:
    """It stands in reports, in the terminal and in AWX."""
    assert store_name(where) == name


URLS = [
    "postgresql://audit:{}@db/fleet",
    "postgresql://audit:{}@db/fleet?sslmode=require",
    "postgresql://db/fleet?password={}",
    "host=db password={}",
    "host=db password='{}'",
    "postgresql://db/fleet?user=x&password={}&port=1",
    "mysql://audit:{}@db/x",
    "service=x password = {}",
]


@given(st.sampled_from(URLS), st.text(max_size=6), st.text(max_size=6))
def test_no_password_whatever_its_characters_is_in_a_name(url: str, before: str, after: str) -> None:
    """Also where it was not escaped as it should have been, so long as what follows it can't be taken for the rest
    of the address.
    """
    for mark in "&=":
        before, after = before.replace(mark, ""), after.replace(mark, "")
    assert SECRET not in store_name(url.format(before + SECRET + after))


@given(st.text())
def test_naming_never_fails(where: str) -> None:
    for start in ("", "postgresql://", "service=", "sqlite://", "host="):
        assert isinstance(store_name(start + where), str)


@pytest.mark.parametrize("where", [f"postgresql://audit:{SECRET}@db/fleet", f"host=db password={SECRET}"])
def test_without_the_driver_one_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """psycopg is not a part of Ansible's execution environments."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        HistoryError,
        match=r"^A history in PostgreSQL needs the Python package psycopg 3 .*: pip install 'psycopg\[binary\]'\.$",
    ) as caught:
        open_store(where)
    assert caught.value.__context__ is None


def test_a_history_in_a_file_needs_no_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    open_store(str(tmp_path / "h.db")).close()
