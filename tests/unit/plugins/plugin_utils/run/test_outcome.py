# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gathering of one host comes to."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import (
    MAXIMUM_MESSAGE_CHARACTERS,
    GatheringError,
    Origin,
    ending,
    module_failure,
)


def test_the_end_of_a_long_text_is_kept() -> None:
    """The cause stands last: after a banner, a traceback, a list of what was tried."""
    line = ending("banner\n" * 500 + "the \x1b[31mcause\t")
    assert line.startswith("... ") and line.endswith("banner the [31mcause")
    assert len(line) <= MAXIMUM_MESSAGE_CHARACTERS
    assert ending(" short \n text ") == "short text"


def test_a_record_says_whose_it_is() -> None:
    """Facts and failures are kept in one form, by both ways of asking."""
    origin = Origin("r1", "web1", ("web",), "staging", "fanout")
    good = origin.record({"a": 1})
    assert (good["outcome"], good["facts"], good["cause"], good["message"]) == ("facts", {"a": 1}, None, None)
    bad = origin.record(GatheringError("unreachable", "It is down.", "refused"))
    assert (bad["outcome"], bad["facts"], bad["cause"], bad["message"]) == (
        "unreachable",
        None,
        "refused",
        "It is down.",
    )
    assert good["groups"] == ["web"] and good["environment"] == "staging" and good["way"] == "fanout"


@pytest.mark.parametrize(
    ("message", "error", "code", "outcome"),
    [
        ("MODULE FAILURE", "/bin/sh: 1: /opt/python: not found", 127, "no_python"),
        ("The module interpreter '/opt/python' was not found.", "", None, "no_python"),
        ("MODULE FAILURE", "Traceback", 1, "failed"),
        ("", "", 0, "failed"),
    ],
)
def test_a_module_without_a_reading(message: str, error: str, code: object, outcome: str) -> None:
    """A shell says 126 or 127 where it can't start a Python."""
    problem = module_failure(message, error, code)
    assert problem.outcome == outcome and str(problem)
