# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/versions.md is a promise about numbers: they are those of the code."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import (
    SCHEMA_VERSION as FACTS_OF_HOSTS,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit import audit, comparison
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import decision, json_files, migration
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate import whole
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model import facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import hosts_jsonl
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run import checked_line
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

PAGE = (ROOT / "docs" / "versions.md").read_text(encoding="utf-8")
NEEDED = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["requires_ansible"]


@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("facts (`ansible_facts.kernel_memory`)", f"`schema_version`, now {facts.SCHEMA_VERSION}"),
        ("`audit.json`", f"`schema`, now `{audit.SCHEMA}`"),
        ("`hosts.jsonl`", f"`{hosts_jsonl.SCHEMA}`"),
        ("`decision.json`", f"`{decision.SCHEMA}`"),
        ("`compare.json`", f"`{comparison.SCHEMA}`"),
        ("`investigation.json`", f"`{whole.SCHEMA}`"),
        ("history", f"number of the store, now {store.SCHEMA_VERSION}"),
        ("spool", f"number of its lines, now {checked_line.FORMAT}"),
        ("state of a rollout", f"`format`, now {json_files.FORMAT}; of its hosts {migration.HOST_FORMAT}"),
        ("supported ansible-core and Python", f"`requires_ansible`, now `{NEEDED}`"),
    ],
)
def test_a_number_of_the_promise_is_that_of_the_code(what: str, number: str) -> None:
    """Who reads another number believes a promise that nobody keeps."""
    assert re.findall(rf"^\| {re.escape(what)} \| (.*?) \|", PAGE, re.MULTILINE) == [number]


def test_hosts_and_controller_speak_of_the_same_facts() -> None:
    """The module knows its number by itself, since it runs without the controller's code."""
    assert facts.SCHEMA_VERSION == FACTS_OF_HOSTS
