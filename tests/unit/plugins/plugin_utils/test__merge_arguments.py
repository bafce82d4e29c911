# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-doc and the actions agree on the arguments of kernel_memory_merge and kernel_memory_compare; when they
fail is pure.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _merge_arguments
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.comparison import Difference
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.summary import Decision
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import RENDERERS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

PLUGINS = Path(__file__).parents[4] / "plugins"


@pytest.mark.parametrize("name", ["merge", "compare"])
def test_documentation_and_arguments_agree(name):
    specification = getattr(_merge_arguments, f"{name}_argument_spec")()
    tree = ast.parse((PLUGINS / "modules" / f"kernel_memory_{name}.py").read_text())
    text = next(
        node.value.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "DOCUMENTATION"
    )
    documented = yaml.safe_load(text)["options"]
    assert set(documented) == set(specification)
    for option, expected in specification.items():
        for key in ("type", "elements", "choices", "default", "required"):
            assert documented[option].get(key) == expected.get(key), f"{option}.{key}"


def test_the_default_outputs_are_known():
    assert set(_merge_arguments.merge_argument_spec()["outputs"]["default"]) <= set(RENDERERS)


def comparison(**lists):
    one = read(built(synthetic.run(("web1",)), {}, policy_of(None)))
    change = Difference("web1", "percpu", "limit", "bytes", "warning", None, None, "")
    changes = {"worse": change, "appeared": change}
    return replace(
        compare_audits(one, one), **{name: (changes.get(name, "web1"),) * number for name, number in lists.items()}
    )


@pytest.mark.parametrize(
    ("lists", "fail_on", "fails"),
    [
        ({}, ["worse", "data_lost"], False),
        ({"worse": 1}, [], False),
        ({"worse": 1}, ["worse"], True),
        ({"appeared": 1}, ["worse"], True),
        ({"hosts_added_in_trouble": 1}, ["worse"], True),
        ({"worse": 1}, ["data_lost"], False),
        ({"data_lost": 1}, ["data_lost"], True),
    ],
)
def test_a_comparison_fails_as_it_is_asked_to(lists, fail_on, fails):
    assert (_merge_arguments.compare_failure(comparison(**lists), fail_on) is not None) == fails


def test_information_never_makes_a_comparison_fail():
    worse = replace(comparison(worse=1).worse[0], severity="info")
    told = replace(comparison(), worse=(worse,))
    assert _merge_arguments.compare_failure(told, ["worse"]) is None


def test_a_missing_input_is_missing_data():
    audit = replace(
        read(built(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, policy_of(None))),
        decision=Decision("inconclusive", "s", ("One is missing.",)),
    )
    assert _merge_arguments.merge_failure(audit, ["critical"]) is None
    assert "One is missing." in _merge_arguments.merge_failure(audit, ["unknown"])
