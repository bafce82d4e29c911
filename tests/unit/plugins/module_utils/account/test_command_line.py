# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boot parameters are kept, secrets are not."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.command_line import (
    LONGEST,
    cleaned_command_line,
)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("root=/dev/vda1 quiet nokaslr\n", "root=/dev/vda1 quiet nokaslr"),
        ("ro rd.luks.key=/k:LABEL=x cgroup_disable=memory", "ro rd.luks.key=... cgroup_disable=memory"),
        ("a=1 ds=nocloud;password=x", "a=1 ds=..."),
        ("a=1 hunter2secret", "a=1 ..."),
        ("quiet -- --root-token x", "quiet"),
        ("", None),
        (None, None),
    ],
)
def test_what_looks_like_a_secret_is_left_out(given: str | None, kept: str | None) -> None:
    """The name of a parameter explains a host; the value of one that may be a secret must not leave it."""
    assert cleaned_command_line(given) == kept


@pytest.mark.parametrize(("length", "kept"), [(LONGEST - 4, True), (LONGEST - 3, False)])
def test_a_parameter_that_just_fits_is_kept(length: int, kept: bool) -> None:
    """The bound counts each parameter with the space behind it: "a=1 " takes four."""
    assert (cleaned_command_line("a=1 " + "b" * (length - 1)) == "a=1 " + "b" * (length - 1)) == kept


@pytest.mark.parametrize(("spaces", "kept"), [(4094, "a b"), (4095, "a")])
def test_no_more_is_looked_at_than_a_kernel_takes(spaces: int, kept: str) -> None:
    """A hostile host's line is as long as it likes; kernels take 4,096 characters at most."""
    assert cleaned_command_line("a" + " " * spaces + "b") == kept


def test_a_long_line_is_cut_between_two_parameters() -> None:
    """Half a parameter would be another parameter."""
    kept = cleaned_command_line(" ".join(f"parameter{number}=1" for number in range(200)))
    assert kept is not None and LONGEST - 20 < len(kept) <= LONGEST
    assert all(word.endswith("=1") for word in kept.split())
