# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``reset``: take back the decision of an earlier run, before anything of this one can fail."""

from __future__ import annotations

from ..decision import undecided
from ..keeping import Keeping


def reset(keeping: Keeping, run_id: str, tool_version: str, now: str) -> str | None:
    """Write that nothing is decided: what is on disk is the answer of an earlier run. A run that is under way keeps its
    own; then return who that is.
    """
    try:
        keeping.take()
    except ValueError as exc:
        return str(exc)
    keeping.folder.write_decision(undecided(keeping.folder.rollout, run_id, tool_version, now))
    keeping.give_up()
    return None
