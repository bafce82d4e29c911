# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a host sends as a part: bounded plain data, or no data and a sentence; never an exception."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution import attribution_of, fit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts import attribution as _checked
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import (
    FILES,
    HOST,
    MEMINFO,
    PARTS,
    part_reading,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.account.test_facts_properties import (
    ANYTHING,
    check_plain,
)

TABLES = ("parts", "part_errors", "part_cut", "part_ms", "part_skipped", "subsets", "files", "errors")
LARGEST = 2**53


def checked_attribution(given):
    """What the audit takes of an attribution, as plain data again."""
    return _checked.attribution_of(given).as_plain()


def check(reading, host=None):
    parts = attribution_of(reading, MEMINFO, host or HOST)
    check_plain(parts)
    fit({"attribution": parts})
    for part in parts.values():
        assert isinstance(part["complete"], bool)
        assert part["complete"] or part["reason"].endswith(".")
    plain = json.loads(json.dumps(parts, allow_nan=False))
    # The audit takes what the facts give: all is known to it, and nothing is too large or too long.
    assert checked_attribution(plain) == plain
    for word in json.dumps(parts).replace(",", " ").replace("}", " ").split():
        assert not word.isdigit() or int(word) <= LARGEST
    return parts


def replaced(value, path, hostile):
    """A copy of *value* in which what stands at *path* is *hostile*."""
    if not path:
        return hostile
    if isinstance(value, dict):
        return dict(value, **{path[0]: replaced(value[path[0]], path[1:], hostile)})
    return [
        replaced(entry, path[1:], hostile) if position == path[0] else entry for position, entry in enumerate(value)
    ]


def paths(value, before=()):
    """The path of every entry of nested dicts and lists."""
    yield before
    if isinstance(value, dict):
        for key in sorted(value):
            yield from paths(value[key], (*before, key))
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from paths(entry, (*before, position))


PLACES = sorted(paths(PARTS), key=str)


@given(st.sampled_from(TABLES), ANYTHING)
def test_a_table_of_the_reading_is_anything(table, hostile):
    check(part_reading(**{table: hostile}))


@given(st.sampled_from(PLACES), ANYTHING)
def test_an_entry_of_a_part_is_anything(place, hostile):
    check(part_reading(parts=replaced(PARTS, place, hostile)))


@given(st.sampled_from(sorted(PARTS)), st.sampled_from(TABLES), ANYTHING)
def test_what_is_said_of_a_part_is_anything(subset, table, hostile):
    check(part_reading(**{table: {subset: hostile}}))


@given(st.sampled_from(sorted(FILES)), st.one_of(st.text(), ANYTHING, st.sampled_from(sorted(FILES.values()))))
def test_a_file_is_anything(name, hostile):
    check(part_reading(files=dict(FILES, **{name: hostile})))


@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_file_is_cut_or_its_numbers_are_others(name, data):
    text = FILES[name]
    cut = text[: data.draw(st.integers(0, len(text)))]
    number = data.draw(st.sampled_from(["0", "-1", "9" * 15, "9" * 16, "9" * 30, "1.5", "1e9", "\u0663"]))
    for changed in (cut, text.replace("4", number), text.replace("0", number)):
        check(part_reading(files=dict(FILES, **{name: changed})))


@given(
    st.one_of(st.none(), st.sampled_from([4096, 65536])),
    st.one_of(st.none(), st.integers(0, LARGEST)),
    st.one_of(st.none(), st.text(max_size=128)),
)
def test_any_host(page, threads, release):
    check(part_reading(), {"page_size_bytes": page, "threads": threads, "kernel_release": release})


@given(ANYTHING)
def test_the_audit_takes_anything_for_attribution(hostile):
    json.dumps(checked_attribution(hostile), allow_nan=False)


@given(st.sampled_from(PLACES), ANYTHING)
def test_the_audit_empties_a_part_with_a_wrong_type_and_keeps_the_others(place, hostile):
    whole = json.loads(json.dumps(attribution_of(part_reading(), MEMINFO, HOST)))
    name = sorted(whole)[len(place) % len(whole)]
    inner = sorted(paths(whole[name]), key=str)
    where = inner[sum(map(ord, str(place))) % len(inner)]
    checked = checked_attribution(dict(whole, **{name: replaced(whole[name], where, hostile)}))
    assert {other: checked[other] for other in whole if other != name} == {
        other: whole[other] for other in whole if other != name
    }
    assert isinstance(checked[name]["complete"], bool)
    assert checked[name]["complete"] or checked[name]["reason"]
    json.dumps(checked, allow_nan=False)
