# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that the reader takes by name are all there, and no other."""

import ast
import inspect

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import parts, rare_parts, reader
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load


def names_loaded():
    """Every name that the collector loads, wherever it does."""
    for module in (reader, parts, rare_parts):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) == "load":
                for word in node.args[:1]:
                    if isinstance(word, ast.Constant):
                        yield word.value
    yield from (name for name in parts.ORDER if name not in parts.MODULES)
    yield from parts.MODULES.values()


@pytest.mark.parametrize("name", sorted(set(names_loaded())))
def test_every_module_that_is_loaded_by_name_is_itself(name):
    """A name that lacks here would cost its part on every host with Python."""
    found = {"slab": "slabinfo", "vmalloc": "vmallocinfo", "cgroups": "cgroup"}.get(name, name)
    assert load(found).__name__.rpartition(".")[2] == found


def test_any_other_name_is_refused():
    """It must not become an import of whatever lies there."""
    with pytest.raises(KeyError):
        load("os")
