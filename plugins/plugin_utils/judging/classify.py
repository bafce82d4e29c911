# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one host by itself: what the audit says of it where it has no history and no similar hosts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timezone

from ..dimensions.table import LIMITED
from ..model.facts import Facts
from ..model.finding import Judgement
from ..policy.policy import Policy
from ..policy.schema import hint
from ..text.safe import one_line
from .judge import judge_alone
from .subject import subject_of
from .verdict import Judged, Verdict, verdict_of


def classify(
    facts: Facts,
    policy: Policy,
    environment: str,
    *,
    name: str = "",
    groups: Sequence[str] = (),
    today: date | None = None,
) -> Verdict:
    """Return the verdict on a host from its facts, a policy and the name of the host's environment.

    *name* and *groups* are those of the inventory, which profiles and waivers may ask for; *today* is the day for
    waivers. The verdict is the worst severity of the findings; findings of the severity ``info`` do not count. It is
    ``unknown`` only where the host is not auditable or nothing could be judged. ``coverage`` says what was not judged,
    and why.

    Raises :class:`ValueError` where the environment is not in the policy.
    """
    if environment not in policy.environments:
        raise ValueError(
            f"The environment {environment!r} is not in the policy; {hint(environment, policy.environments)}"
        )
    now = datetime.now(timezone.utc)
    unsettled: list[str] = []
    subject = subject_of(name, facts, policy, environment, groups=groups, now=int(now.timestamp()), remarks=unsettled)
    if unsettled:
        raise ValueError(unsettled[0])
    if not facts.platform.auditable:
        reason = one_line(facts.platform.reason or "The host does not show a kernel of its own.")
        return verdict_of(Judged(subject, Judgement(not_judged=dict.fromkeys(LIMITED, reason))))
    return verdict_of(judge_alone(subject, policy.waivers, today or now.date()))
