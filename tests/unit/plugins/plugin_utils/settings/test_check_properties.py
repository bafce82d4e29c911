# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of any kind: what is wrong is said in sentences, and nothing ends the check before a host is touched."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.check import check_settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.environments import HostGroups
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.given import GivenSettings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.places import Place
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.setting import ENTRIES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.table import SETTINGS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.spoiling import ODD

STRANGE = ("/", "../x", "~nobody/x", "a\0b", "sqlite:///", "postgresql://[", "{{ x }}", "0640", "5%", "\ud800")
SHORT = st.one_of(st.none(), st.text(max_size=4))
VALUES: Any = st.one_of(
    ODD,
    st.sampled_from(STRANGE),
    st.recursive(st.one_of(SHORT, st.floats()), lambda inner: st.lists(inner, max_size=3), max_leaves=4),
    st.dictionaries(st.one_of(st.text(max_size=4), st.integers()), SHORT, max_size=2),
)


@given(
    st.sampled_from(ENTRIES),
    st.dictionaries(st.sampled_from(sorted(SETTINGS)), VALUES, max_size=3),
    st.dictionaries(st.sampled_from(sorted(SETTINGS)), VALUES, max_size=2),
    st.text(max_size=3),
)
@example("audit", {}, {"kernel_mem_audit_at_once": {"": None, 0: None}}, "")
@example("audit", {}, {"kernel_mem_audit_resume": "\ud800"}, "")
@example("audit", {"kernel_mem_audit_report_dir": "/nowhere\x1b[2J\n"}, {}, "")
def test_any_value_of_any_setting_is_taken_or_refused_in_sentences(
    tmp_path_factory: pytest.TempPathFactory, entry: str, run: dict[str, Any], of_host: dict[str, Any], name: str
) -> None:
    """On the command line, in the inventory, and under a name that nobody knows."""
    folder = str(tmp_path_factory.getbasetemp())
    given_settings = GivenSettings(
        {**run, f"kernel_mem_audit_{name}": 1}, frozenset(run), {"web1": of_host, "web2": {}}
    )
    before = sorted(os.listdir(folder))
    checked = check_settings(given_settings, HostGroups({"web1": ["web"], "web2": []}), Place(entry, folder, {}))
    for sentence in (*checked.mistakes, *checked.notes):
        assert sentence.endswith((".", "?")) and "Traceback" not in sentence
        assert sentence.isprintable()
    assert checked.refusal() is None or checked.mistakes
    assert sorted(os.listdir(folder)) == before
