# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a host sends: facts of plain bounded data whose sums hold, or a ValueError."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KERNELS,
    meminfo,
    plain,
    reading,
    sample,
)

READINGS = [sample(kernel) for kernel in KERNELS]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(),
    st.binary(max_size=20),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.text(), st.integers()), inner, max_size=4)
    ),
    max_leaves=8,
)
SIZES = st.one_of(st.integers(0, 2000000), st.sampled_from([0, 1, 2**43, 2**53, 2**63]))


def check_plain(value):
    """Only JSON types with text keys, bounded texts, and numbers that every reader of JSON keeps."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert isinstance(key, str) and len(key) <= 64
            check_plain(inner)
    elif isinstance(value, list):
        assert len(value) <= 100
        for inner in value:
            check_plain(inner)
    elif isinstance(value, str):
        assert len(value) <= 300 and value.isprintable()
    elif value is not None and not isinstance(value, bool):
        assert isinstance(value, (int, float)) and abs(value) < 2**63


def check(hostile):
    try:
        facts = build_facts(hostile)
    except ValueError:
        return
    check_plain(facts)
    json.dumps(facts, allow_nan=False)
    dimensions, accounting = facts["dimensions"], facts["accounting"]
    counted = [dimensions[name] for name in dimensions if name != "unaccounted_bytes"]
    assert all(value is None or 0 <= value <= facts["host"]["memory_total_bytes"] for value in counted)
    if facts["kernel_total_bytes"] is not None and dimensions["slab_reclaimable_bytes"] is not None:
        in_slab = accounting["sockets_in_slab_bytes"] or 0
        assert facts["kernel_total_bytes"] == sum(value or 0 for value in counted) - in_slab
    if facts["kernel_unreclaimable_bytes"] is not None:
        assert 0 <= facts["kernel_unreclaimable_bytes"] <= facts["kernel_total_bytes"]
    if dimensions["unaccounted_bytes"] is not None:
        total = sum(accounting["terms"].values()) + dimensions["unaccounted_bytes"]
        assert total == facts["host"]["memory_total_bytes"]
        assert dimensions["unaccounted_bytes"] >= -accounting["unaccounted_band_bytes"]
    for name, value in list(dimensions.items()) + [("kernel_total_bytes", facts["kernel_total_bytes"])]:
        assert value is not None or name[: -len("_bytes")] in facts["unavailable"]
    for name, value in facts["host"].items():
        assert (
            value is not None
            or name in facts["unavailable"]
            or name in ("memory_low_total_bytes", "vmalloc_total_bytes")
        )
    assert facts["platform"]["auditable"] is (facts["platform"]["reason"] is None)
    assert facts["unavailable"].keys() == facts["unavailable_class"].keys()
    assert all(reason.endswith(".") for reason in facts["unavailable"].values())
    for contradiction in facts["contradictions"]:
        assert contradiction["class"] in ("damaged", "contradictory") and contradiction["sentence"].endswith(".")


@given(ANYTHING)
def test_anything_at_all(hostile):
    check(hostile)


@given(st.sampled_from(READINGS), st.sampled_from(sorted(READINGS[0])), ANYTHING)
def test_a_part_of_a_reading_replaced_by_anything(whole, part, hostile):
    check(dict(whole, **{part: hostile}))


@given(st.sampled_from(READINGS), st.data())
def test_a_file_replaced_by_anything(whole, data):
    name = data.draw(st.sampled_from(sorted(whole["files"])))
    check(dict(whole, files=dict(whole["files"], **{name: data.draw(ANYTHING)})))


@given(st.sampled_from(READINGS), st.data())
def test_a_file_cut_or_shuffled(whole, data):
    name = data.draw(st.sampled_from(sorted(whole["files"])))
    text = whole["files"][name]
    cut = text[: data.draw(st.integers(0, len(text)))]
    mixed = "\n".join(data.draw(st.permutations(text.split("\n"))))
    for changed in (cut, mixed):
        check(dict(whole, files=dict(whole["files"], **{name: changed})))


@given(
    st.dictionaries(
        st.sampled_from(sorted(plain()) + ["Zswap", "Balloon", "Unaccepted", "HighTotal", "LowTotal"]), SIZES
    ),
    st.dictionaries(st.sampled_from(["pcp_pages", "x"]), ANYTHING),
    st.lists(st.sampled_from(["module:zfs", "module:hv_balloon", "config:VMAP_STACK=n", "cpu_flags"])),
    st.sampled_from(["x86_64", "ppc64le", "armv7l", None]),
    st.dictionaries(
        st.sampled_from(["nr_zspages", "nr_memmap_pages", "balloon_inflate", "nr_vmalloc"]),
        st.one_of(st.integers(0, 10**6), st.just(2**53)),
    ),
)
def test_any_sizes_in_a_well_formed_meminfo(fields, sums, found, machine, counters):
    vmstat = "".join(f"{name} {number}\n" for name, number in sorted(counters.items()))
    text = meminfo(**dict(plain(), **fields))
    check(reading(text, sums=sums, found=found, machine=machine, files={"proc/vmstat": vmstat}))
