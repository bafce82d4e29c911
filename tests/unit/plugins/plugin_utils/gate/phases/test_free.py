# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freeing the hosts of a run that is gone: by a reason, with a line in the trail, never those of one that lives."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.keeping import Keeping, Place, keeping_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.leases import holder_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.free import Freed, freed

NOW = "2026-12-01T02:00:00Z"
REASON = "The node runner-2 was reinstalled."


def runner(folder: Path, node: str, run_id: str, history: str | None, rollout: str = "a") -> Keeping:
    """A run on a machine of that name."""
    place = Place(str(folder / "gate"), rollout, history, {}, str(folder), "operator")
    return keeping_of(place, holder_of(node, os.getpid(), run_id), begins=True)


def free(keeping: Keeping, reason: str | None = REASON) -> Freed:
    """Free what the run of the rollout holds."""
    return freed(keeping, reason, "run-3", NOW, {"user": "anna"})


@pytest.mark.parametrize("history", [None, "h.sqlite3"])
def test_what_a_run_on_another_machine_held_is_free_at_once(tmp_path: Path, history: str | None) -> None:
    """All of it, also hosts; who said so, and why, is in the trail. Nothing of another run is freed."""
    with (
        closing(runner(tmp_path, "runner-2", "run-1", history)) as gone,
        closing(runner(tmp_path, "runner-3", "run-2", history, "b")) as other,
        closing(runner(tmp_path, "here", "run-3", history)) as here,
    ):
        gone.take(["web1", "web2"])
        other.take(["web3"])
        with pytest.raises(ValueError, match=r"rollout_free -e kernel_mem_audit_rollout=a "):
            here.take(["web1"])
        made = free(here)
        assert made["freed"] == ["host web1", "host web2", "rollout a"] and made["holder"].startswith("runner-2:")
        here.take(["web1", "web2"])
        with pytest.raises(ValueError, match="host web3"):
            here.take(["web3"])
        line = here.folder.read_trail()[-1]
        assert (line["event"], line["reason"], line["actor"]) == ("freed", REASON, {"user": "anna"})
        assert line["freed"] == made["freed"]


def test_what_can_not_be_freed(tmp_path: Path) -> None:
    """What nobody holds, what a living process of this machine holds, and without a reason nothing."""
    with closing(runner(tmp_path, "here", "run-1", None)) as lives, closing(runner(tmp_path, "here", "r", None)) as one:
        with pytest.raises(ValueError, match="No run holds the rollout a, nor any other rollout"):
            free(one)
        lives.take(["web1"])
        with pytest.raises(ValueError, match="is at work on this machine as process"):
            free(one)
        with pytest.raises(ValueError, match="needs a reason"):
            free(one, "true")
    with (
        closing(runner(tmp_path, "here", "r", None, "c")) as typo,
        pytest.raises(ValueError, match="No run holds the rollout c; those that are held: a"),
    ):
        free(typo)
