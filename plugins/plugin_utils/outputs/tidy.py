# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done in the folder of reports once a report stands there, whether an audit or a merge made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .file_modes import Modes
from .folders import check_keep, link_latest, prune_reports, remove_unfinished
from .index_folder import write_index
from .write import file_name


@dataclass(frozen=True, slots=True)
class Tidying:
    """What is wanted beside a report: a link to the newest, how many are kept (None for all), and how files are called
    and may be read. Raises ValueError where less than one report shall be kept.
    """

    latest: bool = False
    keep: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    modes: Modes | None = None

    def __post_init__(self) -> None:
        check_keep(self.keep)

    def around(self, report_dir: str) -> list[str]:
        """Remove what killed runs have left, link the newest report, remove old ones, make the folder's index.

        Return a sentence for each of it that can't be done: the report stands all the same.
        """
        file_names, audit_name = tuple(self.names.values()), file_name("audit.json", self.names)
        problems: list[str] = []
        remove_unfinished(report_dir, file_names)
        if self.latest:
            _path, problem = link_latest(report_dir)
            problems += [problem] if problem else []
        problems += prune_reports(report_dir, self.keep, file_names, audit_name).notes
        try:
            write_index(report_dir, file_name("report.html", self.names), audit_name, self.modes)
        except ValueError as exc:
            problems.append(str(exc))
        return problems
