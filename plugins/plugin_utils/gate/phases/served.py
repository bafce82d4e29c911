# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``served``: write down whether a host was brought back into service."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from ..host_record import Service
from ..host_state import HostState
from ..run import GateRun


class Served(TypedDict):
    """Whether the host is back."""

    host: str
    in_service: bool


def keep_service(run: GateRun, host: str, message: str | None) -> Served:
    """Note that a host was brought back into service, or with *message* why not. Raises ValueError where it was not let
    through.
    """
    record = run.folder.read_host(host)
    record = record.moved(HostState.IN_SERVICE if message is None else HostState.RETURNING)
    run.folder.write_host(replace(record, service=Service(run.run_id, run.now, message)))
    return {"host": host, "in_service": message is None}
