# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an investigation takes from an audit is there in every audit."""

from __future__ import annotations

from pathlib import Path
from typing import get_type_hints

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.audited import (
    Audited,
    AuditedFinding,
    AuditedHost,
    AuditedMachine,
    NoData,
    kernel_of,
    read_audit,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


def test_every_field_is_in_an_audit(tmp_path: Path) -> None:
    """The shapes here are a part of its schema: what is missing would be an error at three in the morning."""
    (tmp_path / "audit.json").write_text(audit_json.render(read(audit_with_history(60))))
    found = read_audit("audit.json", str(tmp_path))
    assert set(get_type_hints(Audited)) <= set(found)
    kinds = [
        (AuditedHost, found["hosts"]),
        (AuditedFinding, [finding for host in found["hosts"] for finding in host["findings"]]),
        (AuditedMachine, [host["host"] for host in found["hosts"] if host["host"]]),
        (NoData, [host["no_data"] for host in found["hosts"] if host["no_data"]]),
    ]
    for shape, rows in kinds:
        assert rows and all(set(get_type_hints(shape)) <= set(row) for row in rows), shape


def test_a_host_without_data_has_no_kernel() -> None:
    """It is not an empty name."""
    hosts = audit_with_history(60)["hosts"]
    assert {kernel_of(host) for host in hosts if host["host"] is None} <= {None}
    assert any(kernel_of(host) for host in hosts)


def test_what_is_no_audit_is_refused(tmp_path: Path) -> None:
    """In one sentence."""
    with pytest.raises(ValueError, match="There is no file"):
        read_audit("nowhere", str(tmp_path))
