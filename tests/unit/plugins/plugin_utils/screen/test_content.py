# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A last screen travels as plain data and comes back as it was."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.content import content_from
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


def test_it_comes_back_from_json_as_it_was() -> None:
    """It goes through a task's result, and through AWX's events."""
    content = content_of(read(audits.audit_with_history(60)), {"report.html": "/srv/r/report.html"})
    assert content.causes and content.no_data and content.changes
    assert content_from(json.loads(json.dumps(content.as_plain()))) == content


@pytest.mark.parametrize("given", [{}, {"run_id": "x"}, {"causes": [{"host": "h"}]}])
def test_what_is_none_is_told(given: dict[str, object]) -> None:
    """A task of somebody else's can have a result of the same name."""
    with pytest.raises((KeyError, TypeError)):
        content_from(given)
