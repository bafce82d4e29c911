# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON that is ready: the same members as of the facts themselves, and of a healthy host as few parts."""

from __future__ import annotations

import json

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import ENCODER
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.ready_json import READY, ReadyJson
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic


def test_a_host_keeps_the_parts_that_its_verdict_asks_for() -> None:
    """The same as :meth:`Attribution.kept`, to the byte: there is one rule of what audit.json keeps."""
    facts = checked_facts(synthetic.facts())
    parts = {name: ENCODER.encode(part.as_plain()) for name, part in sorted(facts.attribution.parts().items())}
    ready = ReadyJson(dict.fromkeys(READY, "null"), parts)
    for verdict in ("ok", "warning", "critical", "unknown"):
        kept = ENCODER.encode(facts.attribution.kept(verdict).as_plain())
        assert ready.of_entry(verdict)["attribution"] == kept
    assert len(json.loads(ready.of_entry("ok")["attribution"])) == 3
