# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of variables that look like settings of this collection and are none.

Ansible ignores a variable that nobody reads, so a typing error in a name would quietly mean the default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

from ..history.location import VARIABLE
from .setting import PREFIX
from .table import HANDED_ON, IN_EXAMPLES, OWN, SETTINGS

_LIKE_OURS = re.compile(r"kernel_?-?mem", re.IGNORECASE)
_NEAR_ENOUGH = 0.6
_ALMOST = 0.85
_AS_NEAR = 0.1
_ENVIRONMENT = "KERNEL_MEM"


def name_problem(name: str, *, by_hand: bool) -> str | None:
    """Return what is wrong with the name of a variable, or None: it is known, or not of this collection.

    *by_hand* says that it comes from the command line or the inventory, and not from the playbook itself.
    """
    if name in SETTINGS or name in IN_EXAMPLES or name in HANDED_ON:
        return None
    if name in OWN:
        return f"{name} is set by the playbook itself{_meant(name)}" if by_hand else None
    if name.startswith(PREFIX):
        return f"{name} is no setting of this collection{_meant(name) or '; docs/settings.md lists all'}"
    # kernel_memory and the like may be anybody's; kernel_memory_audit_policy is a typing error.
    if _LIKE_OURS.match(name) and get_close_matches(name.lower(), SETTINGS, 1, _ALMOST):
        return f"{name} is no setting of this collection{_meant(name)}"
    return None


def looks_like_ours(name: object) -> bool:
    """Return whether a variable may be one of this collection, rightly written or not."""
    return isinstance(name, str) and (name.startswith(PREFIX) or _LIKE_OURS.match(name) is not None)


def environment_problems(environment: Iterable[str]) -> list[str]:
    """Return what is wrong with names of environment variables: one is read, and another name is a typing error."""
    return [
        f"The environment variable {name} is not read by this collection; did you mean {VARIABLE}?"
        for name in sorted(environment)
        if name != VARIABLE and name.startswith(_ENVIRONMENT) and get_close_matches(name, [VARIABLE], 1, _ALMOST)
    ]


def _meant(name: str) -> str:
    """Return the names that are nearest, as the end of a sentence; empty where none is near."""
    # What all names begin with makes any two look alike: only the rest is compared.
    rest = name.lower().removeprefix(PREFIX) if name.lower().startswith(PREFIX) else name.lower()
    others = {known.removeprefix(PREFIX) if rest != name.lower() else known: known for known in SETTINGS}
    near = {
        word: SequenceMatcher(None, rest, word).ratio() for word in get_close_matches(rest, others, 2, _NEAR_ENOUGH)
    }
    found = [others[word] for word, ratio in near.items() if ratio >= max(near.values()) - _AS_NEAR]
    return f"; did you mean {' or '.join(found)}?" if found else ""
