# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of a spool that somebody has spoiled: the run is resumed, or it is said in a sentence why not."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.leftovers import clean
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.resume import run_to_resume
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import (
    Holder,
    SpoolHead,
    remove_when_reported,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.spoiling import ODD, changed, places

BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The line that a plan writes first."""
    path = tmp_path_factory.mktemp("head") / "spool"
    head = SpoolHead(
        "run-1", "2026-11-24T12:00:00Z", "/reports/now", False, "ansible-playbook x", Holder("m", "b", 7, 0)
    )
    head.write(str(path), "2026-11-24T12:00:00Z")
    found = json.loads(path.read_text().strip())
    found.pop("crc")
    return found


@given(st.data())
def test_a_head_that_was_spoiled_is_taken_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, entry: Any, data: st.DataObject
) -> None:
    """Also where its check value is right: somebody may have written it anew. What looks for killed runs goes on."""
    document = changed(entry, data.draw(st.sampled_from(places(entry)[1:])), data.draw(ODD), data.draw(st.booleans()))
    text = json.dumps(document, separators=(",", ":"))[:-1]
    path: Path = tmp_path_factory.mktemp("spool") / "kernel-memory-run-1.spool"
    path.write_text(f'\n{text},"crc":"{zlib.crc32(text.encode()):08x}"}}\n')
    try:
        head, spool = run_to_resume(str(path))
        assert isinstance(head.run_id, str) and spool.records == {}
    except ValueError as exc:
        assert str(exc).endswith(".") and "\n" not in str(exc)
    clean(str(path.parent), "")
    remove_when_reported(str(path))


@pytest.mark.parametrize("process", [0, -1, 10**400, None, "7"])
def test_what_is_no_process_holds_no_run(tmp_path: Path, entry: Any, process: object) -> None:
    """The system takes 0 and -1 for all the processes that it can see, and falls over what is too large."""
    document = changed(entry, ("head", "holder", "process"), process, False)
    text = json.dumps(document, separators=(",", ":"))[:-1]
    path = tmp_path / "kernel-memory-run-1.spool"
    path.write_text(f'\n{text},"crc":"{zlib.crc32(text.encode()):08x}"}}\n')
    with pytest.raises(ValueError, match="is no spool of an audit that ended early"):
        run_to_resume(str(path))
