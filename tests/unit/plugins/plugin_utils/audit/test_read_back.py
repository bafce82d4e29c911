# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door for an audit.json: whatever comes in, it is one sentence, or an audit that every output takes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.merge import Input, merge_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.read_back import checked_audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.result import run_result
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.compare import (
    comparison_lines,
    json_pieces,
    markdown_text,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import RENDERERS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown
from ansible_collections.fleetaudit.kernel_memory.tests.unit.spoiling import ODD, changed, places

AUDIT = json.loads(json.dumps(audit_with_history(24, 3)))
PLACES = places(AUDIT)[1:]


def use(document: Any) -> None:
    """Do with an audit all that is done with one."""
    audit = checked_audit(document, "x.json")
    for render in RENDERERS.values():
        "".join(render(audit))
    shown(audit, {})
    run_result(audit, None, {})
    merged = merge_audits([Input("x.json", audit), Input("y.json", BASE)], tool_version="1")
    "".join(RENDERERS["audit.json"](merged))
    comparison = compare_audits(audit, BASE)
    "".join(json_pieces(comparison))
    markdown_text(comparison)
    comparison_lines(comparison)


BASE = checked_audit(AUDIT, "y.json")


@given(st.sampled_from(PLACES), ODD, st.booleans())
def test_whatever_is_changed_is_refused_in_one_sentence_or_taken_by_all(path: Any, value: Any, remove: bool) -> None:
    """Nobody's document ends a merge, a comparison or a page with a trace."""
    try:
        use(changed(AUDIT, path, value, remove))
    except ValueError as exc:
        assert str(exc).startswith("x.json is not ") and str(exc).endswith((".", "needed."))
        assert "\n" not in str(exc)


@pytest.mark.parametrize("value", [None, 7, [], "x", [{}], {}, {"schema": 7}])
def test_what_is_no_audit_at_all_is_named(value: object) -> None:
    """Also what is no object."""
    with pytest.raises(ValueError, match="^x.json is not an audit"):
        checked_audit(value, "x.json")


def test_a_host_without_data_that_says_it_is_well_is_refused() -> None:
    """It would be believed by everything that reads it."""
    document = copy.deepcopy(AUDIT)
    document["hosts"][0].update(verdict="ok", no_data={"reason": "not_run", "message": "x", "next_step": "y"})
    with pytest.raises(ValueError, match="has a verdict and no data, or neither"):
        checked_audit(document, "x.json")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_numbers_that_nothing_can_have_are_not_merged(value: float) -> None:
    """JSON has no word for some, and sums of others are no sums."""
    document = copy.deepcopy(AUDIT)
    host = next(one for one in document["hosts"] if one["findings"])
    host["findings"][0]["value"] = value
    with pytest.raises(ValueError, match=r"findings\[0\]\.value is a number that nothing here can have"):
        checked_audit(document, "x.json")
