# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a dimension by the kind of a finding, of a machine, of a level."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.dimension import (
    Defaults,
    Dimension,
    Meanings,
    NextSteps,
    Rules,
    Usual,
    Words,
)

RULES = Rules(
    words={"bytes": Words("The heap", "Look.", "free"), "bytes_per_cpu": Words("The heap per CPU", "Count.", "nproc")},
    next_steps=NextSteps("Grows.", "Rises.", "Falls.", "Differs.", "Grows with uptime."),
    meanings=Meanings("Limit.", "Growth.", "Spike.", "Drop.", "Disproportion."),
    usual=Usual("On metal.", "In a VM.", "With containers.", "On a node."),
    defaults=Defaults(warning={"at_least": 1}, critical=None, growth=None, level=None),
)


def test_a_limit_has_the_next_step_of_its_unit_and_other_kinds_have_their_own() -> None:
    """Somebody does at 3 a.m. what is written there: the step must be of what was found."""
    assert RULES.words_of("limit", "bytes_per_cpu") == Words("The heap per CPU", "Count.", "nproc")
    assert RULES.words_of("growth") == Words("The heap", "Grows.", "free")
    assert RULES.words_of("uptime_growth", "bytes_per_cpu") == Words("The heap per CPU", "Grows with uptime.", "nproc")


def test_a_unit_without_words_is_refused() -> None:
    """A rule with a new unit has to bring its words."""
    with pytest.raises(KeyError):
        RULES.words_of("limit", "threads")


def test_meanings_and_what_is_usual_are_told_by_their_names() -> None:
    """A meaning of another kind is a wrong answer that looks right."""
    assert [RULES.meanings.of(kind) for kind in ("limit", "drop")] == ["Limit.", "Drop."]
    assert [RULES.usual.on(machine) for machine in ("vm", "kubernetes_node")] == ["In a VM.", "On a node."]


def test_a_level_that_there_is_not_is_none() -> None:
    """What never fails a host by itself has no critical limit."""
    assert RULES.defaults.limit("warning") == {"at_least": 1}
    assert RULES.defaults.limit("critical") is None


def test_a_new_dimension_is_shown_and_kept_and_not_judged() -> None:
    """The least that one has to say of it: its name, its label and its sentence."""
    new = Dimension("heap", "Heap", "What nobody has thought of.")
    assert (new.rules, new.is_kept) == (None, True)
