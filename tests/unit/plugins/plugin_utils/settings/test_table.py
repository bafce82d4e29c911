# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of settings against everything that names one: playbooks, role, documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.setting import ENTRIES, PREFIX
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.table import (
    HANDED_ON,
    IN_EXAMPLES,
    OWN,
    SETTINGS,
    used_by,
)

ROOT = Path(__file__).resolve().parents[5]
NAMED = re.compile(r"kernel_mem_audit_[a-z0-9_]*[a-z0-9](?![a-z0-9_*-])")
TYPING_ERRORS = {"kernel_mem_audit_polcy"}
"""Those that the documentation shows as such."""


def named_in(*folders: str) -> set[str]:
    """Every name of a variable in YAML files and guides."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".yml", ".md")]
    return {name for path in files for name in NAMED.findall(path.read_text(encoding="utf-8"))} - TYPING_ERRORS


def test_every_name_that_is_used_somewhere_is_known() -> None:
    """A setting that is documented and not in the table would be refused as a typing error."""
    assert (
        named_in("playbooks", "roles", "docs", "execution-environment") - {*SETTINGS, *OWN, *HANDED_ON, *IN_EXAMPLES}
        == set()
    )


@pytest.mark.parametrize("entry", sorted({*ENTRIES} - {"deliver", "investigate"}))
def test_a_playbook_uses_what_the_table_says(entry: str) -> None:
    """A setting that the playbook reads and the table does not give to it is not checked."""
    text = (ROOT / "playbooks" / f"{entry}.yml").read_text(encoding="utf-8")
    unchecked = {name for name in NAMED.findall(text) if name in SETTINGS} - set(used_by(entry))
    assert unchecked - {"kernel_mem_audit_phase"} == set()


def test_the_role_takes_what_the_table_says() -> None:
    """The role's own check and this one must not contradict each other."""
    points = yaml.safe_load((ROOT / "roles/kernel_mem_audit/meta/argument_specs.yml").read_text())["argument_specs"]
    for name, point in points.items():
        entry = "gate" if name == "gate" else "audit"
        assert set(point["options"]) - set(used_by(entry)) == set(), name
        for option, form in point["options"].items():
            kind = SETTINGS[option].kind
            if "default" in form:
                assert kind.problem(form["default"]) is None, option
            if "choices" in form and form["type"] == "str":
                assert tuple(getattr(kind, "choices", ())) == tuple(form["choices"]), option


def test_every_setting_is_in_the_guide_with_what_it_is() -> None:
    """docs/settings.md is where a refused name is looked for."""
    rows = dict(re.findall(r"^\| `(kernel_mem_audit_\w+)` \| (.*?) \|", (ROOT / "docs/settings.md").read_text(), re.M))
    assert {name: setting.about for name, setting in SETTINGS.items() if setting.used_by} == rows


def test_names_are_of_one_kind_only() -> None:
    """A name can't be a setting and the playbook's own."""
    assert not OWN & set(SETTINGS) and not IN_EXAMPLES & set(SETTINGS)
    assert all(name.startswith(PREFIX) for name in (*SETTINGS, *OWN, *IN_EXAMPLES))
    assert {entry for setting in SETTINGS.values() for entry in setting.used_by} <= set(ENTRIES)
