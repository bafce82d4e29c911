# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy files: errors name the file and the line."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.file import (
    load_policy,
    read_policy_file,
    text_problems,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import PolicyError, resolve_policy


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


def test_lines_are_found_in_sections_profiles_and_waivers(policy_file):
    path = policy_file(
        "environments:\n  production:\n    severities:\n      vmaloc.growth: info\n"
        "profiles:\n  - name: a\n    match: 'host.'\n"
        "  - name: b\n    match: '`true`'\n    growth:\n      vmalloc:\n        watch: {percent: 3}\n"
        "waivers:\n  - hosts: web\n    dimension: '*'\n    reason: x\n    until: 2026-02-31x\n  - hosts: web\n"
    )
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert [tuple(problem.split(": ")[:2]) for problem in caught.value.problems] == [
        ('environments.production.severities."vmaloc.growth"', "line 4"),
        ("profiles[0].match", "line 7"),
        ("profiles[1].growth.vmalloc.watch.percent", "line 12"),
        ("waivers[0].until", "line 17"),
        ("waivers[1].dimension", "line 18"),
        ("waivers[1].reason", "line 18"),
        ("waivers[1].until", "line 18"),
    ]


def test_the_text_of_a_file_is_checked_as_the_file_is():
    assert text_problems("environments:\n  production:\n    groups: [prod]\n") == []
    assert text_problems("") == []
    (problem,) = text_problems("nam: x\n")
    assert problem == "nam: line 1: is not a key that can stand here; did you mean name?"
    assert text_problems("a: [1\n")[0].startswith("The policy text is not valid YAML, line 2")
    assert text_problems("policy.yml")[0].startswith("The text is no policy; if it is the path of one")
    assert text_problems("#" * (1024**2 + 1)) == ["The text is larger than 1 MiB, so it can't be a policy."]


def test_a_day_of_no_calendar_has_its_line_and_hides_no_other_mistake(policy_file):
    """It was "not valid YAML: day is out of range for month", without a line, and with nothing else."""
    path = policy_file(
        "waivers:\n"
        "  - {hosts: web1, dimension: percpu, reason: known, until: 2026-02-30}\n"
        "  - {hosts: web1, dimension: percpu, reason: known, until: 2026-01-01 25:61:00}\n"
        "environmets: {}\n"
    )
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    problems = sorted(caught.value.problems)
    assert len(problems) == 3, problems
    assert "environmets" in problems[0] and "line 4" in problems[0]
    assert problems[1] == "waivers[0].until: line 2: is 2026-02-30, which is no day of the calendar."
    assert "line 3" in problems[2] and "YYYY-MM-DD" in problems[2]


def test_an_unquoted_date_is_a_day(policy_file):
    text = "waivers:\n  - {hosts: web, dimension: vmalloc, reason: x, until: 2027-01-31}\n"
    assert load_policy(policy_file(text))["waivers"][0]["until"] == "2027-01-31"


def test_aliases_do_not_make_reading_lines_endless(policy_file):
    bomb = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n"
        for below, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(PolicyError, match="a: line 1: is not a key"):
        load_policy(policy_file(bomb))
