# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a host has come in a rollout, and the moves that are allowed: forwards only.

Each step is written down when the one before it is over and before it is taken itself, so a state says what is done and
what may be under way: a host that is ``drained`` may be half changed. Whatever ends a run, the next one goes on from
there.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class HostState(str, Enum):
    """The states, in the order in which a host goes through them."""

    PLANNED = "planned"
    """Meant to be changed. Nothing more is known of it."""
    LEFT_OUT = "left_out"
    """It may not be changed as it is. The next run asks again."""
    FIT = "fit"
    """Looked at, and it may be changed (or only judged, where it runs the wished kernel already)."""
    DRAINING = "draining"
    """It is being taken out of service."""
    DRAINED = "drained"
    """Out of service; its change may have begun."""
    CHANGING = "changing"
    """The same for a host that is not drained, and for one that is changed once more after a failure."""
    CHANGED = "changed"
    """The change was made; its reboot may have begun."""
    BACK = "back"
    """Looked at after its change, in another boot, or without a change of ours on the wished kernel."""
    JUDGED = "judged"
    """No worse than before, in a batch that was not let through."""
    FAILED = "failed"
    """Worse than before, or lost on the way."""
    ACCEPTED = "accepted"
    """Let through with its batch; being brought back into service may have begun, where the rollout has a step for
    that.
    """
    OVERRIDDEN = "overridden"
    """Let through by the word of a person."""
    RETURNING = "returning"
    """Bringing it back into service has failed, and is tried again."""
    IN_SERVICE = "in_service"
    """Back in service, or never out of it."""

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was done to the host."""
        return self in (HostState.PLANNED, HostState.LEFT_OUT, HostState.FIT)

    @property
    def is_done(self) -> bool:
        """Whether the host was let through: it is neither changed nor judged again."""
        return self in (HostState.ACCEPTED, HostState.OVERRIDDEN, HostState.RETURNING, HostState.IN_SERVICE)

    @property
    def is_touched(self) -> bool:
        """Whether the host was begun, and not let through yet."""
        return not self.is_untouched and not self.is_done

    @property
    def is_under_way(self) -> bool:
        """Whether the host was begun, and nobody has seen it after its change."""
        return self in (HostState.DRAINING, HostState.DRAINED, HostState.CHANGING, HostState.CHANGED)


_S = HostState
_ENDS = (_S.FAILED, _S.OVERRIDDEN)
MOVES: Mapping[HostState, tuple[HostState, ...]] = {
    _S.PLANNED: (_S.LEFT_OUT, _S.FIT),
    _S.LEFT_OUT: (_S.FIT,),
    _S.FIT: (_S.LEFT_OUT, _S.DRAINING, _S.CHANGING, _S.BACK),
    _S.DRAINING: (_S.DRAINED, _S.CHANGING, _S.BACK, *_ENDS),
    _S.DRAINED: (_S.CHANGED, _S.BACK, *_ENDS),
    _S.CHANGING: (_S.CHANGED, _S.BACK, *_ENDS),
    _S.CHANGED: (_S.BACK, *_ENDS),
    _S.BACK: (_S.JUDGED, _S.ACCEPTED, *_ENDS),
    _S.JUDGED: (_S.ACCEPTED, *_ENDS),
    # Once it is repaired it is changed again where it was not changed, else judged again.
    _S.FAILED: (_S.CHANGING, _S.BACK, _S.OVERRIDDEN),
    _S.ACCEPTED: (_S.RETURNING, _S.IN_SERVICE),
    _S.OVERRIDDEN: (_S.RETURNING, _S.IN_SERVICE),
    _S.RETURNING: (_S.IN_SERVICE,),
    _S.IN_SERVICE: (),
}
"""To where a host may go from each state; staying is no move."""


def check_move(host: str, was: HostState, to: HostState) -> None:
    """Raise ValueError where a host may not go from one state to another."""
    if to is not was and to not in MOVES[was]:
        raise ValueError(
            f"{host} is {was.value} in this rollout, and a host that is so can't become {to.value}; nothing was "
            "changed in its record."
        )
