# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening: which engine an address leads to, and what that needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError

SECRET = "S3cr3tWord"


@pytest.mark.parametrize("form", ["{}", "sqlite://{}", "sqlite:///{}"])
def test_a_path_and_its_url_open_one_file(tmp_path: Path, form: str) -> None:
    store = open_store(form.format(tmp_path / "h.db"))
    assert store.info.name == str(tmp_path / "h.db") and (tmp_path / "h.db").is_file()
    store.close()


@pytest.mark.parametrize("keyword", ["sslmode", "connect_timeout", "application_name", "passfile", "port", "hots"])
def test_no_setting_makes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keyword: str) -> None:
    """The password of an address became the name of a file in the working folder, and the audit went on with it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HistoryError) as caught:
        open_store(f"{keyword}=1 host=127.0.0.1 port=1 password={SECRET} dbname=x connect_timeout=2")
    assert SECRET not in str(caught.value) and os.listdir(tmp_path) == []


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
