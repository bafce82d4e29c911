# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A class that is quickly made is the frozen dataclass that it was, in everything but the time that it takes."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.quick import changed, quickly_made

NOTHING: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slow:
    """What dataclasses make."""

    name: str
    size: int | None = None
    texts: tuple[str, ...] = NOTHING
    reasons: dict[str, str] = field(default_factory=dict)
    shown: bool = field(default=True, compare=False)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    """The same, quickly."""

    name: str
    size: int | None = None
    texts: tuple[str, ...] = NOTHING
    reasons: dict[str, str] = field(default_factory=dict)
    shown: bool = field(default=True, compare=False)


@quickly_made
@dataclass(frozen=True, slots=True)
class Checked(Quick):
    """One that inherits, and looks at itself."""

    part: str = "all"

    def __post_init__(self) -> None:
        if not self.part:
            raise ValueError("The part is empty.")


@pytest.mark.parametrize(
    "arguments, named", [(("a",), {}), (("a", 1, ("b",), {"c": "d"}, False), {}), ((), {"reasons": {}, "name": "a"})]
)
def test_it_holds_what_a_dataclass_holds(arguments, named):
    """By place, by name, and by default."""
    assert asdict(Quick(*arguments, **named)) == asdict(Slow(*arguments, **named))


@pytest.mark.parametrize(
    "arguments, named", [((), {}), (("a",), {"nothing": 1}), (("a",), {"name": "a"}), (range(9), {})]
)
def test_what_a_dataclass_refuses_is_refused(arguments, named):
    """A field that is missing, unknown, given twice or too much."""
    for made in (Slow, Quick):
        with pytest.raises(TypeError):
            made(*arguments, **named)
    assert str(inspect.signature(Quick)).count("=") == str(inspect.signature(Slow)).count("=")


def test_it_is_frozen_and_of_its_class():
    """Nothing of the open class is left to be seen."""
    one = Quick("a")
    assert type(one) is Quick and repr(one) == repr(Slow("a")).replace("Slow", "Quick")
    with pytest.raises(FrozenInstanceError):
        one.size = 1
    with pytest.raises(FrozenInstanceError):
        del one.size
    with pytest.raises((AttributeError, TypeError)):  # the error of slots differs by the version of Python
        one.other = 1


def test_no_two_share_a_default_that_is_made():
    """Each has a mapping of its own."""
    one, other = Quick("a"), Quick("a")
    assert one.reasons == {} and one.reasons is not other.reasons


def test_it_can_be_copied_replaced_compared_and_used_as_a_key():
    """What the code does with its nouns."""
    one = Quick("a", 1)
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)), replace(one)):
        assert other == one and type(other) is Quick
    assert replace(one, size=2).size == 2 and replace(one, shown=False) == one
    assert [each.name for each in fields(one)] == ["name", "size", "texts", "reasons", "shown"]
    keys = {Quick("a", 1, reasons=NOTHING): 1}
    assert keys[Quick("a", 1, reasons=NOTHING, shown=False)] == 1


@pytest.mark.parametrize("made", [Slow, Quick])
def test_what_is_changed_is_as_replaced(made):
    """Any dataclass, any fields; one that it does not have is refused."""
    one = made("a", 1, ("b",))
    assert changed(one, size=None, shown=False) == replace(one, size=None, shown=False)
    assert changed(one, shown=False).shown is False and changed(one) == one and changed(one) is not one
    with pytest.raises(TypeError, match="nothing"):
        changed(one, nothing=1)


def test_one_that_inherits_is_whole_and_looks_at_itself():
    """Fields of both classes, and the check of the dataclass's own."""
    assert Checked("a", 2, part="b") == Checked("a", 2, (), {}, True, "b")
    with pytest.raises(ValueError, match="part is empty"):
        Checked("a", part="")
    with pytest.raises(FrozenInstanceError):
        Checked("a").part = "c"
