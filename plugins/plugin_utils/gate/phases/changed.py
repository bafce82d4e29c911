# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``changed``: write down that a host was changed, before it is rebooted."""

from __future__ import annotations

from ..host_state import HostState
from ..run import GateRun

_BEGUN = (HostState.DRAINED, HostState.CHANGING)


def keep_changed(run: GateRun, host: str) -> dict[str, str]:
    """Note that a host was changed. One that has come further stays there."""
    record = run.folder.read_host(host)
    if record.state in _BEGUN:
        record = record.moved(HostState.CHANGED)
        run.folder.write_host(record)
    return {"host": host, "state": record.state.value}
