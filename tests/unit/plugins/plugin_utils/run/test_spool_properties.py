# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that somebody has spoiled, in lines whose check value is right: the report has every host all the same."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.stream import Streamed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.unnamed_file import Scrap
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import RENDERERS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.spoiling import ODD, changed, places

RECORD = json.loads(json.dumps(synthetic.record("web1", format=2, way="task", cause=None)))
PLACES = places(RECORD)[1:]
POLICY = policy_of(None)


@given(st.sampled_from(PLACES), ODD, st.booleans(), st.sampled_from([1, 2]))
@example(("outcome",), None, True, 1)
def test_a_record_that_was_spoiled_costs_its_host_alone(
    tmp_path_factory: pytest.TempPathFactory, path: Any, value: Any, remove: bool, form: int
) -> None:
    """Every place of a record: the host is in all eight outputs, with a verdict or with why it has none."""
    folder: Path = tmp_path_factory.mktemp("spool")
    record = changed({**RECORD, "format": form}, path, value, remove)
    text = json.dumps(record, separators=(",", ":"))[:-1]
    check = f',"crc":"{zlib.crc32(text.encode()):08x}"' if form == 2 else ""
    (folder / "spool").write_text(f"\n{text}{check}}}\n")
    spool = read([str(folder / "spool")], "run-1", in_short=True)
    scrap = Scrap(str(folder))
    audit = Streamed(synthetic.run(("web1",)), spool.records, POLICY, scrap).audit()
    made = {name: "".join(render(audit)) for name, render in RENDERERS.items()}
    scrap.close()
    (host,) = json.loads(made["audit.json"])["hosts"]
    assert host["name"] == "web1" and (host["verdict"] != "unknown" or host["no_data"]["message"])
