# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a kernel prints by its ``format`` is read back, and whatever else stands there is no error."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.matching import Matcher
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.trace_text import Form, event, frame
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import PRINTED

FORMATS = sorted({(kernel, name, text) for kernel, events in PRINTED.items() for name, text in events.items()})
PLACES = re.compile(r"(\w+)(?:=|: )((?:0x)?)%([a-zA-Z]+)")
NUMBER = st.integers(0, 2**63)
FUNCTION = st.from_regex(r"[a-z_][a-z0-9_.]{0,30}", fullmatch=True)
MODULE = st.one_of(st.just(""), st.from_regex(r" \[[a-z_]{1,12}\]", fullmatch=True))
COMMAND = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=15)
KEYS = ("pid", "ptr", "pfn", "va_start")


def printed_as(kind: str, hexadecimal: bool) -> st.SearchStrategy[str]:
    """What the kernel prints for a place of a format."""
    if kind == "pS":
        return st.tuples(FUNCTION, MODULE).map(lambda pair: f"{pair[0]}+0x1c/0x2f0{pair[1]}")
    if kind == "s":
        return COMMAND
    if kind == "p":
        return NUMBER.map(lambda number: f"{number & 0xFFFFFFFF:016x}")
    return NUMBER.map(lambda number: f"{number:x}" if hexadecimal or kind == "lx" else str(number))


@st.composite
def printed(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    """An event of a kernel, its text as it is printed, and its values."""
    _kernel, name, form = draw(st.sampled_from(FORMATS))
    values: dict[str, str] = {}

    def one(place: re.Match[str]) -> str:
        value = draw(printed_as(place.group(3), bool(place.group(2))))
        values[place.group(1)] = place.group(2) + value
        return place.group(0).replace("%" + place.group(3), value)

    return name, PLACES.sub(one, form), values


@given(printed())
def test_what_decides_is_read_back(case: tuple[str, str, dict[str, str]]) -> None:
    """The key and the size of an allocation, on every kernel, whatever the commands and caches are called."""
    name, text, values = case
    form = next(form for _kernel, known, form in FORMATS if known == name and Form(form).values(text) is not None)
    read = Form(form).values(text)
    for key in (*KEYS, "bytes_alloc", "order"):
        # A name of a cache or command stands before some of them and may look like them.
        if key in values and "name" not in values:
            assert read[key] == values[key]


@given(st.integers(0, 10**7), COMMAND, st.integers(0, 4095), st.floats(0, 10**6), st.text(max_size=40))
def test_a_line_is_read_back(pid: int, command: str, cpu: int, moment: float, text: str) -> None:
    """A command of any bytes, numbers of any length."""
    text = "".join(sign for sign in text if sign.isprintable())
    line = f"{command:>16}-{pid:<7} [{cpu:03d}] d..1. {moment:12.6f}: {text}"
    found = event(line)
    assert found is not None
    assert found[:3] == (command.lstrip(" "), pid, cpu)
    assert found[5] == text


SHREDS = st.sampled_from(
    [
        " => load_msg",
        " => x [y]",
        "          python-1   [000] .....  1.000000: <stack trace>",
        "          python-1   [000] .....  1.000001: kmalloc: call_site=a+0x1/0x2 ptr=01 bytes_req=1 bytes_alloc=8 "
        "gfp_flags=G node=-1 accounted=true",
        "          python-1   [000] .....  1.000002: kfree: call_site=a+0x1/0x2 ptr=01",
        "          python-1   [000] .....  0.500000: kfree: call_site=a+0x1/0x2 ptr=02",
        "CPU:1 [LOST 5 EVENTS]",
    ]
)
EVENTS = {
    "kmalloc": {
        "role": "alloc",
        "key": "ptr",
        "size": {"field": "bytes_alloc"},
        "printed": PRINTED["6.18"]["kmem/kmalloc"],
    },
    "kfree": {"role": "free", "key": "ptr", "size": {"bytes": 0}, "printed": PRINTED["6.18"]["kmem/kfree"]},
}


@given(st.lists(st.one_of(SHREDS, st.text(max_size=120)), max_size=60))
def test_any_text_has_a_result(lines: list[str]) -> None:
    """Lines in any order, cut and foreign ones: no exception, and no more bytes than were allocated."""
    matcher = Matcher(EVENTS, 1, 4096, "^k", "", "")
    for line in lines:
        matcher.take(line)
        assert frame(line) is None or frame(line)
    result = matcher.result([0])
    assert 0 <= result["total_bytes"] <= 8 * len(lines)
    assert sum(site["bytes"] for site in result["sites"]) <= result["total_bytes"]
