# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spools with a head and some records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import SpoolFile, record
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import Holder, SpoolHead

NOON = "2026-11-24T12:00:00Z"
COMMAND = "cd /srv && ansible-playbook fleetaudit.kernel_memory.report -e kernel_mem_audit_resume=spool"


def head(holder: Holder, **more: Any) -> SpoolHead:
    """The head of a spool."""
    made = SpoolHead("r1", NOON, "/srv/reports/1", keep=False, command=COMMAND, holder=holder)
    return replace(made, **more)


def spool(folder: Path, made: SpoolHead, hosts: int = 2, name: str = "kernel-memory-r1.spool") -> Path:
    """A spool with a head and some records."""
    path = folder / name
    made.write(str(path), NOON)
    for number in range(hosts):
        entry = record(
            run_id=made.run_id,
            host=f"h{number}",
            written_at=NOON,
            outcome="facts",
            message=None,
            groups=(),
            environment=None,
            facts={},
        )
        SpoolFile(str(path)).append(entry)
    return path
