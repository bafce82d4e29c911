# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a host returns is hostile: it is understood or refused in one sentence, and never raises anything
else.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import understood
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.section import section
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.terminal import terminal_lines
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.ticket import ticket
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.whole import (
    investigation,
    investigation_text,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    AT,
    document,
    packet_rings,
    process,
    readings,
)

EVIL = "`</code><script>alert(1)</script>| [x](http://evil.example) @all \x1b[31m\u202e {{ 1 + 1 }}\n# Big"


def paths(value: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything in plain data."""
    found = [before] if before else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in inner:
        found += paths(entry, (*before, key))
    return found


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """A copy with something else at a place."""
    copied = copy.deepcopy(value)
    place = copied
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return copied


WHOLE = readings(*packet_rings())
PATHS = [path for path in paths(WHOLE) if path[:2] != ("look", "tracing") or len(path) < 5]
OTHERS: list[Any] = [None, "", "x", -1, 2**70, 1.5, float("nan"), True, [], {}, [[]], {"a": {}}, EVIL]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_any_value_at_any_place_is_understood_or_refused(path: tuple[Any, ...]) -> None:
    """One sentence, for one person; no trace of Python."""
    for other in OTHERS:
        try:
            told = understood(changed(WHOLE, path, other), Settings(trace=True))
            investigation_text(investigation([document("web1", told)], at=AT))
        except ValueError as error:
            assert str(error).endswith((".", ")")) and "\n" not in str(error)


def evil_host() -> dict[str, Any]:
    """A host whose every name is hostile."""
    who = process(EVIL, 4242, unit=EVIL, parent_command=EVIL)
    told = readings(*packet_rings())
    told["watch"]["growing"]["descriptors"][0][0] = f"4242 {EVIL}"
    told["watch"]["growing"]["cache"] = [[EVIL, told["watch"]["growing"]["descriptors"][0][1]]]
    told["watch"]["machine"].update(kernel=EVIL, modules=[[EVIL, "OE"]])
    told["look"]["processes"]["4242"] = who
    told["look"]["descriptors"]["4242"]["kinds"] = {EVIL: {"count": 9}}
    for place in told["trace"]["traces"][0]["result"]["sites"]:
        place["stack"] = [EVIL]
        place["who"]["processes"] = [{**who, "bytes": place["bytes"]}]
        place["who"]["command"] = EVIL
    return document(EVIL, understood(told, Settings(trace=True)))


def test_no_name_becomes_markup() -> None:
    """Neither in Markdown nor on the page nor on a terminal."""
    whole = investigation([evil_host()], at=AT, notes=[EVIL])
    page = section(whole)
    assert "<script" not in page and "\u202e" not in page and "\x1b" not in page
    text = ticket(whole)
    assert "\x1b" not in text and "\u202e" not in text and "\n# Big" not in text
    for line in text.splitlines():
        # Outside of code there is no link, no mention and no tag.
        outside = "".join(part for place, part in enumerate(_split_code(line)) if place % 2 == 0)
        assert "<script" not in outside and "@all" not in outside and "](http" not in outside, line
    for line in terminal_lines(whole, {}):
        assert line.isascii() and line.isprintable()
    assert investigation_text(whole).isascii()


def _split_code(line: str) -> list[str]:
    """The parts of a line of Markdown, every second one code; runs of backticks of one length are its ends."""
    # An escaped backtick begins nothing.
    parts, rest = [], line.replace("\\`", "")
    while "`" in rest:
        start = rest.index("`")
        length = len(rest[start:]) - len(rest[start:].lstrip("`"))
        fence = "`" * length
        end = rest.find(fence, start + length)
        while end >= 0 and (rest[end + length : end + length + 1] == "`" or rest[end - 1] == "`"):
            end = rest.find(fence, end + length)
        if end < 0:
            break
        parts += [rest[:start], rest[start + length : end]]
        rest = rest[end + length :]
    return [*parts, rest]
