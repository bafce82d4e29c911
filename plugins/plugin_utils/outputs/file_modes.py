# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read a report: one setting, for its files and for the folders that are made for it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

USUAL = "0640"
_OCTAL = re.compile(r"0[0-7]{3}")
_OWNER = 0o600


@dataclass(frozen=True, slots=True)
class Modes:
    """The mode of a report's files; who may read them may enter the folders."""

    file: int

    @property
    def folder(self) -> int:
        """The mode of a folder."""
        return self.file | (self.file & 0o444) >> 2

    @classmethod
    def of(cls, given: str | None) -> Modes:
        """Return the modes of a setting: exactly those that are given; without one ``0640`` less what the umask takes
        away. Raises ValueError for what is no mode, or one that the owner himself can't read and write.
        """
        if given is None:
            return cls(int(USUAL, 8) & ~_umask() | _OWNER)
        if not _OCTAL.fullmatch(given) or int(given, 8) & _OWNER != _OWNER or int(given, 8) & 0o111:
            raise ValueError(
                f"kernel_mem_audit_report_mode is {given[:40]!r}; give the mode of a file in quotes, four octal digits "
                "such as '0640' or '0644', readable and writable by its owner."
            )
        return cls(int(given, 8))


def _umask() -> int:
    # There is no way to read the umask without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
