# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as plain data, and back."""

from __future__ import annotations

import json

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import SCHEMA
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


def test_an_audit_comes_back_as_it_was() -> None:
    """Through JSON, with findings of every kind, history and waivers."""
    audit = read(audit_with_history(60))
    again = read(json.loads(json.dumps(audit.as_plain())))
    assert again.as_plain() == audit.as_plain() and list(again.hosts) == list(audit.hosts)
    assert audit.frame()["schema"] == SCHEMA and "hosts" not in audit.frame() and "merged" not in audit.frame()
