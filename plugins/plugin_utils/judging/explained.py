# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the findings on a host readable: who holds or brought the memory, and which known cause it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..causes.apply import apply_patterns
from ..causes.owned import with_owner
from ..causes.scene import past_of
from ..dimensions.table import TOTAL
from ..model.finding import Finding
from ..model.owners import OwnersHistory
from .one_leak import as_one
from .verdict import Judged

ASK_FOR_OWNERS = ("growth", "spike")
"""The kinds of findings for which it matters who held the memory before."""

OwnersOf = Callable[[Sequence[str]], Mapping[str, OwnersHistory]]
"""Names of hosts in, what the history knows of who held their memory out."""


def asks_for_owners(judged: Judged) -> bool:
    """Whether it matters who held the memory of a host before."""
    return any(finding.kind in ASK_FOR_OWNERS for finding in judged.findings)


def explained(judged: Judged, owners: OwnersHistory | None = None) -> list[Finding]:
    """Return the findings on a host with owners and causes. *owners* are those of earlier samples."""
    # Most hosts are well.
    if not judged.findings:
        return []
    subject, growing = judged.subject, judged.history.growing if judged.history is not None else {}
    past = past_of(subject, owners)
    owned = [with_owner(subject, finding, past, judged.boot) for finding in judged.findings]
    slopes = {dimension: rise.bytes_a_day for dimension, rise in growing.items()}
    named = apply_patterns(subject, owned, slopes, past)
    known = {finding.pattern for finding in named if finding.dimension != TOTAL}
    # What a part says already, the whole need not say again.
    told = [
        after.replaced(explanation=before.explanation) if after.dimension == TOTAL and after.pattern in known else after
        for before, after in zip(owned, named, strict=True)
    ]
    return as_one(told, subject.attribution, past)
