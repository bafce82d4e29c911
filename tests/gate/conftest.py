# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set of loopback SSH hosts for all tests of this folder; each test gives them their parts anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "rollout-host-2.schema.json").read_text())


@pytest.fixture(scope="session")
def lab() -> Iterator[GateLab]:
    """The hosts, up."""
    with place_for_servers() as name:
        made = GateLab(Path(name), 15)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(autouse=True)
def what_is_kept_of_hosts_has_its_form(lab: GateLab) -> Iterator[None]:
    """Whatever a test has done to a rollout: each file of a host that can be read is as its schema says."""
    yield
    for path in (lab.folder / "work" / "gate").glob("*/hosts/*.json"):
        text = path.read_text(encoding="utf-8")
        # Some tests damage one on purpose.
        if text.rstrip().endswith("}"):
            jsonschema.validate(json.loads(text), SCHEMA)
