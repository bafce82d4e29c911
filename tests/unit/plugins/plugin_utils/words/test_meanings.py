# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of docs/dimensions.md: every cell has a sentence, the one that the code gives, at its anchor."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.dimensions import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import KINDS_OF_FINDING
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.meanings import (
    KINDS_OF_CHANGE,
    MEANINGS,
    PLATFORMS,
    USUAL,
    anchor,
    meaning,
    platform_of,
)

DOCUMENT = (Path(__file__).parents[5] / "docs" / "dimensions.md").read_text(encoding="utf-8")
ANCHORS = dict(re.findall(r'<a id="([a-z_-]+)"></a>[^|]*\| ([^|]*) \|', DOCUMENT))


@pytest.mark.parametrize("dimension", LIMITED)
def test_every_cell_has_a_sentence_and_an_anchor(dimension):
    for kind in KINDS_OF_CHANGE:
        assert ANCHORS[anchor(dimension, kind)] == MEANINGS[dimension, kind]
        for platform in PLATFORMS:
            assert ANCHORS[anchor(dimension, platform)] == USUAL[dimension, platform]
            assert (
                meaning(dimension, kind, platform)
                == f"{MEANINGS[dimension, kind]} Usual here: {USUAL[dimension, platform]}"
            )
    assert f"`{dimension}`\n" in DOCUMENT


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_has_a_sentence_and_an_anchor(check):
    assert ANCHORS[anchor(check, "limit")] == MEANINGS[check, "limit"] == meaning(check, "limit", "vm")


def test_there_is_nothing_else_and_no_sentence_twice():
    assert set(KINDS_OF_CHANGE) == {*KINDS_OF_FINDING, "steady"}
    assert set(ANCHORS) == {anchor(*cell) for cell in (*MEANINGS, *USUAL)}
    assert len(set(MEANINGS.values())) == len(MEANINGS)
    for sentence in (*MEANINGS.values(), *USUAL.values()):
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert sentence.endswith(".") and "|" not in sentence


@pytest.mark.parametrize(
    ("kind", "container_host", "kubernetes_node", "expected"),
    [
        ("physical", False, False, "physical"),
        ("vm", False, False, "vm"),
        ("unknown", None, None, "physical"),
        ("vm", True, False, "container_host"),
        ("physical", True, True, "kubernetes_node"),
    ],
)
def test_a_host_is_one_of_the_platforms(kind, container_host, kubernetes_node, expected):
    assert platform_of({"kind": kind, "container_host": container_host, "kubernetes_node": kubernetes_node}) == expected


def test_links_in_the_documents_lead_somewhere():
    documents = Path(__file__).parents[5] / "docs"
    for name in ("dimensions.md", "patterns.md"):
        for target in re.findall(r"\]\(([a-z-]+\.md)", (documents / name).read_text(encoding="utf-8")):
            assert (documents / target).is_file(), target
