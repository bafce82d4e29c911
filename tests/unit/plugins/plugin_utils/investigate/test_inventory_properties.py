# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report that somebody has spoiled is no inventory: a sentence says so, and nothing else ends the run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.inventory import entries_of_report
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.spoiling import ODD, changed, places

AUDIT = json.loads(json.dumps(audit_with_history(24, 3)))
PLACES = places(AUDIT)[1:]


@given(st.sampled_from(PLACES), ODD, st.booleans())
def test_a_report_that_was_spoiled_is_refused_in_a_sentence_or_read(
    tmp_path_factory: pytest.TempPathFactory, path: Any, value: Any, remove: bool
) -> None:
    """Every place of an audit.json; what is read has names for groups and plain variables."""
    file = tmp_path_factory.mktemp("report") / "audit.json"
    file.write_text(json.dumps(changed(AUDIT, path, value, remove)))
    try:
        entries = entries_of_report(str(file))
    except ValueError as exc:
        assert str(exc).endswith(".") and "\n" not in str(exc)
        return
    for entry in entries:
        json.dumps(entry.variables, allow_nan=False)
        assert all(group.replace("_", "").isalnum() and group.isascii() for group in entry.groups)


@given(st.binary(max_size=60))
def test_a_file_of_anything_is_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Half a file, a picture, a page of a proxy."""
    file = tmp_path_factory.mktemp("report") / "audit.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"(?s)\.$"):
        entries_of_report(str(file))
