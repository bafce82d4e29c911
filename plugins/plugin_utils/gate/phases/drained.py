# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``drained``: write down that a host is out of service, before it is changed."""

from __future__ import annotations

from ..host_state import HostState
from ..run import GateRun


def keep_drained(run: GateRun, host: str) -> dict[str, str]:
    """Note that a host is drained. One that has come further stays there: it is drained once more."""
    record = run.folder.read_host(host)
    if record.state is HostState.DRAINING:
        record = record.moved(HostState.DRAINED)
        run.folder.write_host(record)
    return {"host": host, "state": record.state.value}
