# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening a history by what a user writes: a path, ``sqlite:///path``, ``postgresql://…`` or ``service=NAME``."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from .engine import Engine
from .postgresql import PostgresqlEngine
from .sql_store import SqlStore
from .sqlite import SqliteEngine
from .store import HistoryError, HistoryStore

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SETTING = r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)"
_SETTINGS = re.compile(rf"(?:{_SETTING})+\s*")
_KEYWORDS = (
    "service",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "sslmode",
    "connect_timeout",
    "application_name",
)
_STARTS_LIKE_SETTINGS = re.compile(rf"\s*(?:{'|'.join(_KEYWORDS)})\s*=")
_HARMLESS = re.compile(r"[A-Za-z0-9_./,:\[\]%-]*")


def open_store(where: str, *, create: bool = True) -> HistoryStore:
    """Open the history at *where*, making it where there is none and *create* is true. Raises HistoryError."""
    engine: Engine
    if _is_postgresql(where):
        engine = PostgresqlEngine(where, store_name(where), create=create)
    else:
        engine = SqliteEngine(_path(where), create=create)
    try:
        return SqlStore(engine)
    except BaseException:
        engine.close()
        raise


def store_name(where: str) -> str:
    """Return what to call the history at *where*: without user, password and options. Never raises."""
    if not _is_postgresql(where):
        try:
            return str(_path(where))
        except HistoryError:
            return "of an unknown kind"
    if not _SCHEME.match(where):
        return _name_of_settings(where)
    # A password may hold any character where it was not written as the rules want. So nothing before the last @ is
    # trusted, and nothing at all where that may be inside of the options.
    before, _mark, rest = where.split("://", 1)[1].rpartition("@")
    if "?" in before:
        return "postgresql://"
    plain, _mark, options = rest.partition("?")
    place = plain if _HARMLESS.fullmatch(plain) else ""
    shown = dict(re.findall(r"(?:^|&)(host|port|dbname|service)=([^&]*)", options))
    found = [
        f"{name}={shown[name]}"
        for name in ("service", "host", "port", "dbname")
        if name in shown and _HARMLESS.fullmatch(unquote(shown[name]))
    ]
    place += "?" + "&".join(found) if found else ""
    return f"postgresql://{place}"


def _is_postgresql(where: str) -> bool:
    return where.startswith(("postgresql://", "postgres://")) or bool(_STARTS_LIKE_SETTINGS.match(where))


def _name_of_settings(where: str) -> str:
    if not _SETTINGS.fullmatch(where):
        return "postgresql"
    found = {name: value.strip("'") for name, value in re.findall(_SETTING, where)}
    shown = [
        f"{name}={found[name]}"
        for name in ("service", "host", "port", "dbname")
        if name in found and _HARMLESS.fullmatch(found[name])
    ]
    return " ".join(shown) or "postgresql"


def _path(where: str) -> Path:
    scheme = _SCHEME.match(where)
    if not where.strip() or "\0" in where:
        raise HistoryError("The name of the history is empty or has a null character in it; give the path of a file.")
    if scheme is None:
        return _absolute(where)
    if scheme[1].lower() != "sqlite":
        # The rest is not shown, since it may have a password in it.
        raise HistoryError(
            f"A history can't be kept in {scheme[1]}://; give the path of a file, sqlite:///PATH, or postgresql://USER@HOST/DATABASE."
        )
    path = unquote(where[scheme.end() :])
    if not path.startswith("/") or "?" in path or not path.strip("/"):
        raise HistoryError(
            "The address of a history that begins with sqlite:// goes on with the path of a file from / on and has "
            "no options: "
            "sqlite:///var/lib/kernel-memory/history.db."
        )
    return _absolute("/" + path.lstrip("/"))


def _absolute(path: str) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        pass
    raise HistoryError("The home folder in the path of the history is not known; write the path from / on.")
