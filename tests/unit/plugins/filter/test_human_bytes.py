# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter human_bytes."""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.fleetaudit.kernel_memory.plugins.filter import human_bytes as plugin

human_bytes = plugin.FilterModule().filters()["human_bytes"]


@pytest.mark.parametrize(
    ("size", "text"), [(1610612736, "1.5 GiB"), ("1024", "1 KiB"), (2048.0, "2 KiB"), (-1024, "-1 KiB")]
)
def test_bytes_become_text(size, text):
    assert human_bytes(size) == text


@pytest.mark.parametrize("size", [None, True, "many", 1.5, [1], {}, object()])
def test_anything_else_gives_one_ansible_error_with_the_filter_name(size):
    with pytest.raises(AnsibleFilterError, match=r"fleetaudit\.kernel_memory\.human_bytes: ") as caught:
        human_bytes(size)
    assert caught.value.__cause__ is None


def test_the_documentation_is_valid():
    assert yaml.safe_load(plugin.DOCUMENTATION)["name"] == "human_bytes"
    assert "fleetaudit.kernel_memory.human_bytes" in plugin.EXAMPLES
    assert yaml.safe_load(plugin.RETURN)["_value"]["type"] == "str"
