# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a policy comes from: a file, a variable, or nowhere, in which case the defaults hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .file import load_with_lines
from .policy import Policy
from .resolve import resolve_policy


def policy_from(given: Any, working_folder: str) -> Policy:
    """Return the resolved policy.

    *given* is the path of a file (a relative one starts at *working_folder*), the policy itself as a mapping, or None.
    Raises ValueError with every mistake of the policy at once.
    """
    found = written_policy(given, working_folder)
    return Policy(found.policy, found.source)


@dataclass(frozen=True)
class WrittenPolicy:
    """A resolved policy, its source (``default``, ``variable`` or a path), what was written, and the lines where it
    stands.
    """

    policy: dict[str, Any]
    source: str
    written: Mapping[str, Any]
    lines: Mapping[str, int]


def written_policy(given: Any, working_folder: str) -> WrittenPolicy:
    """Return a policy with what its author wrote; arguments and errors are those of :func:`policy_from`."""
    if given is None or given == "":
        return WrittenPolicy(resolve_policy(None), "default", {}, {})
    if isinstance(given, str):
        path = os.path.abspath(os.path.join(working_folder, os.path.expanduser(given)))
        policy, written, lines = load_with_lines(path)
        return WrittenPolicy(policy, path, written, lines)
    if isinstance(given, Mapping):
        return WrittenPolicy(resolve_policy(given), "variable", given, {})
    raise ValueError(
        f"The policy must be the path of a file or a mapping, not a value of the type {type(given).__name__}."
    )
