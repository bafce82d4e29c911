# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No text makes the parsers fail in another way than ValueError, or give a value that the text does not hold."""

import os

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.counters import parse_counters
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.meminfo import parse_meminfo
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import KERNELS, SAMPLES

TEXTS = []
for kernel in KERNELS:
    with open(os.path.join(SAMPLES, kernel, "proc", "meminfo")) as file:
        TEXTS.append(file.read())

LINES = st.one_of(
    st.sampled_from(sorted({line for text in TEXTS for line in text.splitlines()})),
    st.text(max_size=60),
    st.from_regex(r"(Slab|MemTotal|X): *-?[0-9]{1,25} ?(kB|KB|)", fullmatch=True),
)


def check(text):
    try:
        result = parse_meminfo(text)
    except ValueError:
        return
    for size in result["sizes"].values():
        assert size % 1024 == 0 and str(size // 1024) in text and 0 <= size < 2**63
    for number in result["numbers"].values():
        assert str(number) in text and 0 <= number < 2**63


@given(st.sampled_from(TEXTS), st.integers(0, 2000))
def test_a_cut_file_gives_the_values_of_the_whole_one_or_none(text, length):
    whole = parse_meminfo(text)
    try:
        cut = parse_meminfo(text[:length])
    except ValueError:
        return
    assert set(cut["sizes"].items()) <= set(whole["sizes"].items())
    assert set(cut["numbers"].items()) <= set(whole["numbers"].items())


@given(st.sampled_from(TEXTS).flatmap(lambda text: st.permutations(text.splitlines())))
def test_the_order_of_lines_does_not_matter(lines):
    mixed = parse_meminfo("\n".join(lines) + "\n")
    assert mixed == parse_meminfo("\n".join(sorted(lines)) + "\n")


@given(st.lists(LINES, max_size=40), st.sampled_from(["\n", "\r\n"]))
def test_no_value_is_invented_from_hostile_lines(lines, end):
    check(end.join(lines) + end)


@given(st.text())
def test_garbage_is_refused_or_harmless(text):
    check(text)


def zeros_off(digits):
    """Leading zeros are no part of a value."""
    return digits.lstrip("0") or "0"


@given(st.lists(st.one_of(st.text(max_size=40), st.from_regex(r"nr_[a-z]{1,3} (4 )?-?[0-9]{1,22}", fullmatch=True))))
def test_counters_are_only_what_the_text_says(lines):
    text = "\n".join(lines) + "\n"
    words = {zeros_off(word) for word in text.split()}
    for name, value in parse_counters(text).items():
        assert name in text and str(value) in words and 0 <= value <= 2**53
