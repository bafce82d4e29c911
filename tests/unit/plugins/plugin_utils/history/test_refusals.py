# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of stores that can't be opened as wanted: what is wrong, where, and what to do."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.refusals import (
    nothing_there,
    other_version,
    to_be_read,
)


def test_each_is_one_true_sentence() -> None:
    """An older store was called newer once."""
    newer = str(other_version("/srv/h.db", 9))
    assert newer.startswith(
        "The history /srv/h.db was made by a newer release of this collection (schema 9; this one knows "
    )
    assert newer.endswith("so it was left as it is; update the collection on this controller.")
    assert "schema 1 and was opened to be read" in to_be_read("/srv/h.db", 1)
    for sentence in (newer, to_be_read("/srv/h.db", 1), str(nothing_there("/srv/h.db"))):
        assert "/srv/h.db" in sentence and sentence.endswith(".") and "\n" not in sentence
