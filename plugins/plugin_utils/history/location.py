# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a history is kept: the one reading of what a user writes, and what may be said of it.

A user writes the path of a file, ``sqlite:///path``, ``postgresql://…``, or settings as libpq has them
(``service=fleet``, ``host=db dbname=fleet``). What is none of these is refused: a path that was made of a mistyped
address would put its password into the name of a file. No error repeats what was written, since any part of it may be a
password.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote

from .store import HistoryError

VARIABLE = "KERNEL_MEM_AUDIT_HISTORY"
"""The environment variable that names the store where no argument does: it can hold a secret, which an argument
should not.
"""

NONE = "none"
DEFAULT = os.path.join("reports", "history.sqlite3")

SQLITE, POSTGRESQL = "sqlite", "postgresql"

SECRETS = frozenset(("oauth_client_secret", "password", "scram_client_key", "scram_server_key", "sslpassword"))
"""The settings of libpq whose values are secret."""

KEYWORDS = SECRETS | frozenset(
    """
    application_name authtype channel_binding client_encoding connect_timeout dbname fallback_application_name
    gssdelegation gssencmode gsslib host hostaddr keepalives keepalives_count keepalives_idle keepalives_interval
    krbsrvname load_balance_hosts max_protocol_version min_protocol_version oauth_client_id oauth_issuer oauth_scope
    options passfile port replication require_auth requirepeer requiressl service servicefile
    ssl_max_protocol_version ssl_min_protocol_version sslcert sslcertmode sslcompression sslcrl sslcrldir sslkey
    sslkeylogfile sslmode sslnegotiation sslrootcert sslsni target_session_attrs tcp_user_timeout tty user
    """.split()
)
"""Every setting that a libpq from 9 to 18 knows."""

_SHOWN = ("service", "host", "port", "dbname")
_HARMLESS = re.compile(r"[A-Za-z0-9_./,:\[\]%-]*")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*)://")
_FIRST_WORD = re.compile(r"\s*([^\s=/]+)\s*=")
_SETTING = r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)"
_SETTINGS = re.compile(rf"(?:{_SETTING})+\s*")
_ASSIGNMENT = re.compile(r"(?:^|\s)[^\s=/]+\s*=")
_NAMED_SETTING = re.compile(rf"""(?:^|[\s?&,{{'"])(?:{"|".join(sorted(KEYWORDS))})['"]?\s*[:=]""", re.IGNORECASE)
_QUOTED = tuple("\"'{[(<`")
_ACCOUNT = re.compile(r"[^/~.][^/]*:.*@", re.DOTALL)
_ENGINE_FIRST = re.compile(r"\A(?:jdbc:|postgres(?:ql)?\s*:|mysql\s*:|mariadb\s*:|sqlite\s*:)", re.IGNORECASE)

_FORMS = "the path of a file, sqlite:///PATH, postgresql://USER@HOST/DATABASE, or settings such as service=NAME"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a history is kept. ``name`` is what it may be called everywhere: no user, password or option is in it."""

    engine: str
    name: str
    address: str = field(repr=False)
    """What the engine opens: a path, or what libpq understands. May have a password in it."""

    @property
    def path(self) -> Path:
        """The file of a history in SQLite."""
        return Path(self.address)

    @property
    def is_shared(self) -> bool:
        """Whether jobs on other machines see the same history there."""
        return self.engine == POSTGRESQL


def history_location(given: str | None, environment: Mapping[str, str], working_folder: str) -> Location | None:
    """Return the store to use, or None where there shall be none.

    The argument wins over the environment variable; without both it is a file beside the reports in the working folder.
    Raises HistoryError for what is no address of a history.
    """
    where = (given or environment.get(VARIABLE) or DEFAULT).strip()
    return None if where.lower() == NONE else location_of(where, working_folder)


def location_of(where: str, working_folder: str | None = None) -> Location:
    """Return where a user means by *where*. A relative path begins at *working_folder* (None: where this program is).

    Raises HistoryError.
    """
    if not where.strip() or "\0" in where:
        raise HistoryError("The name of the history is empty or has a null character in it; give the path of a file.")
    scheme = _SCHEME.match(where)
    if scheme is not None:
        return _of_scheme(scheme[1].lower(), where, scheme.end())
    word = _FIRST_WORD.match(where)
    if word is not None:
        return _of_settings(where, word[1])
    if _is_no_path(where):
        raise HistoryError(
            "What the history is called is no path, and no address that is understood (it is not shown here, since it "
            f"may have a password in it); write {_FORMS}."
        )
    expanded = os.path.expanduser(where)
    if expanded.startswith("~"):
        raise HistoryError("The home folder in the path of the history is not known; write the path from / on.")
    return _file(os.path.join(working_folder or "", expanded))


def _of_scheme(scheme: str, where: str, end: int) -> Location:
    if scheme in ("postgresql", "postgres"):
        address = f"postgresql://{where[end:].rstrip()}"
        return Location(POSTGRESQL, _name_of_url(address), address)
    if scheme != SQLITE:
        raise HistoryError(f"A history can't be kept in {scheme}://; write {_FORMS}.")
    path = unquote(where[end:])
    if not path.startswith("/") or "?" in path or "\0" in path or not path.strip("/"):
        raise HistoryError(
            "The address of a history that begins with sqlite:// goes on with the path of a file from / on and has "
            "no options: sqlite:///var/lib/kernel-memory/history.db."
        )
    return _file("/" + path.lstrip("/"))


def _of_settings(where: str, word: str) -> Location:
    if word in KEYWORDS:
        return Location(POSTGRESQL, _name_of_settings(where), where.strip())
    meant = get_close_matches(word.lower(), sorted(KEYWORDS), 1, 0.75)
    raise HistoryError(
        "What the history is called begins with a setting that PostgreSQL does not know"
        + (
            f"; did you mean {meant[0]}=?"
            if meant
            else f", and what has an = after its first word is no path; write {_FORMS}."
        )
    )


def _is_no_path(where: str) -> bool:
    """Return whether a text looks like an address that was written wrongly, so that it may have a password in it."""
    bare = where.strip()
    if "://" in bare or bare.startswith(_QUOTED):
        return True
    return any(form.search(bare) for form in (_ASSIGNMENT, _NAMED_SETTING, _ENGINE_FIRST)) or bool(_ACCOUNT.match(bare))


def _file(path: str) -> Location:
    absolute = os.path.abspath(path)
    return Location(SQLITE, absolute, absolute)


def _name_of_url(url: str) -> str:
    # A password may hold any character where it was not written as the rules want. So nothing before the last @ is
    # trusted, and nothing at all where that may be inside of the options.
    before, _mark, rest = url.split("://", 1)[1].rpartition("@")
    if "?" in before:
        return "postgresql://"
    plain, _mark, options = rest.partition("?")
    place = plain if _HARMLESS.fullmatch(plain) else ""
    given = dict(re.findall(r"(?:^|&)(host|port|dbname|service)=([^&]*)", options))
    shown = [f"{name}={given[name]}" for name in _SHOWN if _HARMLESS.fullmatch(unquote(given.get(name, "@")))]
    return f"postgresql://{place}" + ("?" + "&".join(shown) if shown else "")


def _name_of_settings(where: str) -> str:
    if not _SETTINGS.fullmatch(where):
        return POSTGRESQL
    given = {name: value.strip("'") for name, value in re.findall(_SETTING, where)}
    shown = [f"{name}={given[name]}" for name in _SHOWN if _HARMLESS.fullmatch(given.get(name, "@"))]
    return " ".join(shown) or POSTGRESQL
