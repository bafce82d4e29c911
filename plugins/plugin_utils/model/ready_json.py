# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a host's facts as JSON that is ready for audit.json: encoded once, where the answer arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .attribution import OF_HEALTHY_HOSTS

READY = ("accounting", "dimensions", "host", "platform", "unavailable")
"""The members of facts that audit.json has as they are, in the order of their names."""


@dataclass(frozen=True, slots=True)
class ReadyJson:
    """JSON texts of checked facts, as the encoder of audit.json makes them."""

    members: Mapping[str, str]
    """By the names of ``READY``."""
    parts: Mapping[str, str]
    """The parts of the attribution, in the order of their names."""

    def of_entry(self, verdict: str) -> Mapping[str, str]:
        """Return the members of a host's line in audit.json that are ready. *verdict* decides what it keeps of the
        attribution, as for :meth:`Attribution.kept`.
        """
        kept = OF_HEALTHY_HOSTS if verdict == "ok" else self.parts
        parts = ",".join([f'"{name}":{text}' for name, text in self.parts.items() if name in kept])
        return {**self.members, "attribution": f"{{{parts}}}"}
