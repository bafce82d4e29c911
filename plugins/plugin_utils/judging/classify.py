# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on one host by itself: what the audit says of it where it has no history and no similar hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any

from ..facts.facts import checked_facts
from ..model.dimensions import LIMITED
from ..model.finding import Judgement
from ..model.sample import sample_of
from ..model.subject import Subject
from ..policy.profiles import settings_for
from ..policy.schema import hint
from ..words.text import one_line
from .judge import Judged, judge_alone, verdict_of


def classify(
    facts: Mapping[str, Any],
    policy: Mapping[str, Any],
    environment: str,
    *,
    name: str = "",
    groups: Sequence[str] = (),
    today: date | None = None,
) -> dict[str, Any]:
    """Return the verdict on a host from its facts, a resolved policy and the name of the host's environment.

    *name* and *groups* are those of the inventory, which profiles and waivers may ask for; *today* is the day for
    waivers. The verdict is the worst severity of the findings; findings of the severity ``info`` do not count. It is
    ``unknown`` only where the host is not auditable or nothing could be judged. ``coverage`` says what was not judged,
    and why.

    Raises :class:`ValueError` where *facts* are not facts, or the environment is not in the policy.
    """
    if environment not in policy["environments"]:
        raise ValueError(
            f"The environment {environment!r} is not in the policy; {hint(environment, policy['environments'])}"
        )
    checked = checked_facts(facts)
    now = datetime.now(timezone.utc)
    settings, profiles = settings_for(policy, environment, checked, name, groups)
    subject = Subject(
        name, checked, sample_of(name, checked, int(now.timestamp())), environment, settings, tuple(groups), profiles
    )
    platform = checked["platform"]
    if not platform["auditable"]:
        reason = one_line(platform["reason"] or "The host does not show a kernel of its own.")
        return verdict_of(Judged(subject, Judgement(not_judged=dict.fromkeys(LIMITED, reason))))
    return verdict_of(judge_alone(subject, policy.get("waivers") or (), today or now.date()))
