# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a policy comes from is said with it, and a wrong one is refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.source import policy_from, written_policy

TEXT = "environments:\n  staging:\n    groups: [test]\n"
WRITTEN = {"environments": {"staging": {"groups": ["test"]}}}


@pytest.mark.parametrize("given", [None, ""])
def test_without_one_the_defaults_hold(given: str | None, tmp_path: Path) -> None:
    """A variable that is empty is no path."""
    found = written_policy(given, str(tmp_path))
    assert (found.source, found.written, found.lines) == ("default", {}, {})
    assert policy_from(given, str(tmp_path)).source == "default"


@pytest.mark.parametrize("how", ["relative", "absolute", "home"])
def test_a_file_is_found_where_its_author_thinks_it_is(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the playbook, by its whole path, or below one's home; the source is the whole path each time."""
    (tmp_path / "policies").mkdir()
    path = tmp_path / "policies" / "fleet.yml"
    path.write_text(TEXT)
    monkeypatch.setenv("HOME", str(tmp_path))
    given = {"relative": "policies/fleet.yml", "absolute": str(path), "home": "~/policies/fleet.yml"}[how]
    found = written_policy(given, str(tmp_path if how == "relative" else tmp_path / "policies"))
    assert (found.source, found.written) == (str(path), WRITTEN)
    assert found.lines, "mistakes are said with their lines"
    assert "staging" in found.policy["environments"]


def test_a_mapping_is_a_policy(tmp_path: Path) -> None:
    """From group_vars; it has no lines."""
    found = written_policy(WRITTEN, str(tmp_path))
    assert (found.source, found.written, found.lines) == ("variable", WRITTEN, {})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (7, "The policy must be the path of a file or a mapping, not a value of the type int."),
        (["a"], "The policy must be the path of a file or a mapping, not a value of the type list."),
        ("absent.yml", "absent.yml"),
        ({"enviroments": {}}, "enviroments"),
    ],
)
def test_what_is_no_policy_is_refused(given: object, said: str, tmp_path: Path) -> None:
    """An audit with the defaults in place of the policy that was meant would be wrong, which is worse than none."""
    with pytest.raises(ValueError, match=".") as error:
        policy_from(given, str(tmp_path))
    assert said in str(error.value)
