# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the files of an investigation: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ...outputs.write import replace_file, write_files
from ..whole import investigation_text
from .bundle import bundle, names_text
from .ticket import ticket

BUNDLE, NAMES = "investigation-bundle.tar.gz", "investigation-names.json"


def write_investigation(document: Mapping[str, Any], folder: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Write what is wanted to a folder, and return the path of each. Raises :class:`ValueError` where that fails."""
    makers = {"investigation.json": investigation_text, "investigation.md": ticket}
    wanted = list(dict.fromkeys(arguments["outputs"]))
    paths = write_files({os.path.join(folder, name): makers[name](document) for name in wanted})
    written = dict(zip(wanted, paths, strict=True))
    if arguments["bundle"]:
        content, meant = bundle(document, pseudonyms=arguments["pseudonyms"])
        os.makedirs(folder, exist_ok=True)
        written[BUNDLE] = replace_file(os.path.join(folder, BUNDLE), content)
        if meant:
            written[NAMES] = replace_file(os.path.join(folder, NAMES), names_text(meant).encode("ascii"))
    return written
