# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy files: errors name the file and the line."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import PolicyError, resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_file import load_policy, read_policy_file


@pytest.fixture
def policy_file(tmp_path):
    def write(content):
        path = tmp_path / "policy.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def test_a_yaml_and_a_json_file_give_the_same_policy(policy_file):
    yaml_text = "---\nname: ours\nenvironments:\n  production:\n    groups: [prod]\n"
    from_yaml = load_policy(policy_file(yaml_text))
    same = {"name": "ours", "environments": {"production": {"groups": ["prod"]}}}
    from_json = load_policy(policy_file(json.dumps(same)))
    assert from_yaml == from_json
    assert from_yaml["name"] == "ours"


@pytest.mark.parametrize("content", ["", "---\n", "# nothing\n"])
def test_an_empty_file_means_the_built_in_limits(policy_file, content):
    assert read_policy_file(policy_file(content)) == {}
    assert load_policy(policy_file(content)) == resolve_policy(None)


def test_each_problem_has_its_key_path_and_its_line(policy_file):
    path = policy_file(
        "environments:\n  production:\n    limits:\n"
        "      percpu:\n        warning:\n          percent: 3\n      slab: 3\n"
    )
    with pytest.raises(PolicyError, match="policy.yml has 2 problems") as caught:
        load_policy(path)
    assert [problem.split(": ")[:2] for problem in caught.value.problems] == [
        ["environments.production.limits.slab", "line 7"],
        ["environments.production.limits.percpu.warning.percent", "line 6"],
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: [1,\nb: 2\n", r"policy\.yml is not valid YAML, line 3, column 1: "),
        ("a: 1\na: 2\n", r"line 2, column 1: the key 'a' stands twice, first in line 1"),
        ("- production\n", "must be a mapping that begins with keys"),
        ("$ANSIBLE_VAULT;1.1;AES256\n6162\n", "must be a mapping"),
        (b"name: \xff\xfe\n", "is not UTF-8 text"),
        (b"name: \x01\n", "is not valid YAML"),
        ("name: !!python/object/apply:os.getcwd []\n", "line 1, column 7: could not determine a constructor"),
        ("name: 2026-13-45\n", "is not valid YAML"),
        ("? [a]\n: 1\n", "found unhashable key"),
        ("a: &a [*a]\n", "environments|is not a key"),
        ("[" * 3000, "nested too deeply|is not valid YAML"),
        ("#" * (1024**2 + 1), "larger than 1 MiB"),
    ],
)
def test_a_broken_file_is_refused_with_its_name(policy_file, content, message):
    path = policy_file(content)
    with pytest.raises(ValueError, match=message) as caught:
        load_policy(path)
    assert path in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"nothing.yml can't be read: No such file"):
        load_policy(str(tmp_path / "nothing.yml"))
    with pytest.raises(ValueError, match="can't be read: Is a directory"):
        load_policy(str(tmp_path))
