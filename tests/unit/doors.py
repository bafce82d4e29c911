# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits as plain data, in and out: what tests change by hand goes back in by the door for an audit.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit import build
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.read_back import (
    checked_audit,
    checked_entry,
)


def built(*given: Any, **settings: Any) -> dict[str, Any]:
    """Return what ``build_audit`` makes, as audit.json has it."""
    return build.build_audit(*given, **settings).as_plain()


def read(audit: Mapping[str, Any]) -> Audit:
    """Return the audit of an audit.json."""
    return checked_audit(dict(audit), "the test's audit")


def entry_of(host: Mapping[str, Any]) -> Entry:
    """Return a host of an audit.json."""
    return checked_entry(host, "the test's host")


def entries_of(hosts: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Return hosts of an audit.json."""
    return [entry_of(host) for host in hosts]


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``compare_audits`` makes of two audit.json, as compare.json has it."""
    return compare_audits(read(before), read(after)).as_plain()
