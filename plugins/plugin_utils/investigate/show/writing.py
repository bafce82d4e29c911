# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the files of an investigation: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from ...audit.audit import Audit
from ...outputs.write import replace_file, write_files
from ..arguments import ReportArguments
from ..shapes import InvestigationShape
from ..whole import investigation_text
from .bundle import bundle, names_text
from .page import investigation_page, report_page
from .ticket import ticket

REPORT = "report.html"
BUNDLE, NAMES = "investigation-bundle.tar.gz", "investigation-names.json"


MAKERS: dict[str, Callable[[InvestigationShape], str]] = {
    "investigation.json": investigation_text,
    "investigation.md": ticket,
    "investigation.html": investigation_page,
}


def write_investigation(
    document: InvestigationShape, folder: str, arguments: ReportArguments, audit: Audit | None = None
) -> dict[str, str]:
    """Write what is wanted to a folder, and return the path of each. Raises :class:`ValueError` where that fails.

    Parameters: audit, the one that the hosts were chosen from; without it there is no report.html.
    """
    texts: dict[str, str | Iterable[str]] = {
        name: MAKERS[name](document) for name in dict.fromkeys(arguments["outputs"]) if name in MAKERS
    }
    if audit is not None and REPORT in arguments["outputs"]:
        texts[REPORT] = report_page(audit, document)
    paths = write_files({os.path.join(folder, name): text for name, text in texts.items()})
    written = dict(zip(texts, paths, strict=True))
    if arguments["bundle"]:
        content, meant = bundle(document, pseudonyms=arguments["pseudonyms"])
        os.makedirs(folder, exist_ok=True)
        written[BUNDLE] = replace_file(os.path.join(folder, BUNDLE), content)
        if meant:
            written[NAMES] = replace_file(os.path.join(folder, NAMES), names_text(meant).encode("ascii"))
    return written
