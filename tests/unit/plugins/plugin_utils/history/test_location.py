# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may write to name a history, and that no password ever becomes a file's name or comes out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.location import (
    KEYWORDS,
    SECRETS,
    VARIABLE,
    history_location,
    location_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError

SECRET = "S3cr3tWord"
ONE_SENTENCE = r"^[A-Z][^\n]*[.?]$"


def where(text: str | None, **environment: str) -> str | None:
    """What the history of an audit in /work is called."""
    found = history_location(text, environment, "/home/op")
    return None if found is None else found.name


def test_the_argument_wins_over_the_environment_and_both_over_the_default() -> None:
    """Whoever names a history must get that one."""
    assert where(None) == "/home/op/reports/history.sqlite3"
    assert where(None, **{VARIABLE: "/srv/h.db"}) == "/srv/h.db"
    assert where("here.db", **{VARIABLE: "/srv/h.db"}) == "/home/op/here.db"
    assert where(None, **{VARIABLE: " service=fleet\n"}) == "service=fleet", "as a file with a line's end gives it"
    assert where(" None ") is where(None, **{VARIABLE: "none"}) is None


def test_a_path_and_its_url_are_one_file() -> None:
    """With two or four slashes: a path after sqlite:// never means the working folder, where a second history would
    begin unseen.
    """
    for text in (
        "/srv/a history.db",
        "sqlite:///srv/a%20history.db",
        "sqlite:////srv/a history.db",
        "SQLite:///srv/a history.db",
    ):
        found = location_of(text)
        assert (found.engine, found.name, found.path) == ("sqlite", "/srv/a history.db", Path("/srv/a history.db"))


def test_a_relative_path_and_a_home_folder_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even names that mean something to SQLite are files, so that no history is lost at the end."""
    monkeypatch.setenv("HOME", "/home/operator")
    paths = {
        "h.db": "/home/op/h.db",
        "~/h.db": "/home/operator/h.db",
        ":memory:": "/home/op/:memory:",
        "./a=b.db": "/home/op/a=b.db",
        "/srv/user=audit/h.db": "/srv/user=audit/h.db",
        "/srv/a:b@c/h.db": "/srv/a:b@c/h.db",
        "reports 2026/history.db": "/home/op/reports 2026/history.db",
    }
    assert {text: where(text) for text in paths} == paths


@pytest.mark.parametrize(
    "text",
    ["", " ", "sqlite://", "sqlite:///", "sqlite://relative.db", "sqlite:///x.db?mode=ro", "sqlite:///a%00b", "a\0b"]
    + ["http://x/y", "~nobody-of-this-name/h.db"],
)
def test_what_is_no_address_is_one_sentence(text: str) -> None:
    with pytest.raises(HistoryError, match=ONE_SENTENCE) as caught:
        location_of(text)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
@pytest.mark.parametrize("form", ["{}={} password={} dbname=x", "{} = {} password = {}", "  {}='{}' password='{}'"])
def test_a_setting_of_postgresql_is_never_a_path_whichever_stands_first(keyword: str, form: str) -> None:
    """The password became the name of a file, and that name stood in the report."""
    found = location_of(form.format(keyword, SECRET if keyword in SECRETS else "1", SECRET))
    assert found.engine == "postgresql" and SECRET not in found.name + repr(found)


def test_every_setting_that_the_real_libpq_knows_is_known() -> None:
    """The list is libpq's own; a newer one may bring more, and then this test says which. Those that it calls secret
    are kept secret.
    """
    psycopg = pytest.importorskip("psycopg")
    real = {option.keyword.decode(): option.dispchar for option in psycopg.pq.Conninfo.get_defaults()}
    assert set(real) - KEYWORDS == set()
    assert {name for name, mark in real.items() if mark == b"*"} - SECRETS == set()


NO_ADDRESSES = [
    "file:{}?mode=memory",
    "hots=db password={}",
    "HOST=db password={}",
    "word = {}",
    "{}=x",
    "my history host=db password={}",
    "/run/postgresql dbname=fleet password={}",
    "db.example.net:5432/fleet?password={}",
    "host: db password: {}",
    "{{'host': 'db', 'password': '{}'}}",
    '{{"password": "{}"}}',
    "['password', '{}']",
    "'postgresql://audit:{}@db/fleet'",
    "jdbc:postgresql:audit:{}",
    "postgresql:audit:{}@db/fleet",
    "postgresql:/audit:{}@db/fleet",
    "Postgres: audit:{}",
    "audit:{}@db/fleet",
    "audit:{}@db",
    "mysql://audit:{}@db/x",
    "postgresql+psycopg://a:{}@db/x",
    "see postgresql://audit:{}@db/fleet",
]


@pytest.mark.parametrize("form", NO_ADDRESSES)
def test_what_looks_like_an_address_is_no_path_and_is_not_repeated(form: str) -> None:
    """A slip must not make a file whose name holds the password, nor say it."""
    with pytest.raises(HistoryError, match=ONE_SENTENCE) as caught:
        location_of(form.format(SECRET))
    assert SECRET not in str(caught.value) and caught.value.__context__ is None


def test_a_mistyped_setting_is_told_its_right_name() -> None:
    with pytest.raises(HistoryError, match="did you mean host=?"):
        location_of("hots=db")
    with pytest.raises(HistoryError, match="did you mean connect_timeout=?"):
        location_of("connect-timeout=3 host=db")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"postgresql://audit:{SECRET}@db.example.net:5433/fleet", "postgresql://db.example.net:5433/fleet"),
        ("postgres://db/fleet", "postgresql://db/fleet"),
        ("PostgreSQL://db/fleet", "postgresql://db/fleet"),
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
        (f"sslmode=require host=db user=u password={SECRET} dbname=x", "host=db dbname=x"),
        (f"password={SECRET}", "postgresql"),
        (f"host=db password='{SECRET}", "postgresql"),
    ],
)
def test_the_name_of_a_history_has_no_user_and_no_password(text: str, name: str) -> None:
    """It stands in reports, in the terminal and in AWX."""
    found = location_of(text)
    assert (found.name, found.is_shared) == (name, True)
    assert SECRET not in repr(found)


URLS = [
    "postgresql://audit:{}@db/fleet",
    "postgresql://audit:{}@db/fleet?sslmode=require",
    "postgresql://db/fleet?password={}",
    "host=db password={}",
    "host=db password='{}'",
    "postgresql://db/fleet?user=x&password={}&port=1",
    "mysql://audit:{}@db/x",
    "service=x password = {}",
    "connect_timeout=3 password={} host=db",
]


@given(st.sampled_from(URLS), st.text(max_size=6), st.text(max_size=6))
def test_no_password_whatever_its_characters_is_in_a_name(url: str, before: str, after: str) -> None:
    """Also where it was not escaped as it should have been, so long as what follows it can't be taken for the rest
    of the address.
    """
    for mark in "&=":
        before, after = before.replace(mark, ""), after.replace(mark, "")
    try:
        said = location_of(url.format(before + SECRET + after)).name
    except HistoryError as exc:
        said = str(exc)
    assert SECRET not in said


@given(st.text())
def test_an_address_is_understood_or_refused(text: str) -> None:
    """Whatever is written: no other error, and an absolute path where it is a path."""
    for start in ("", "postgresql://", "service=", "sqlite://", "host=", "/"):
        try:
            found = location_of(start + text)
        except HistoryError as exc:
            assert exc.__context__ is None
        else:
            assert found.is_shared or found.path.is_absolute()
