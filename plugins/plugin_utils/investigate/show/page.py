# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The investigation as a page: ``investigation.html``, and as a section of the audit's own, ``report.html``.

Both are one file each and ask nothing of any network.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...audit.audit import Audit
from ...outputs.page.page import content_policy, pieces, style_sheet
from ...outputs.page.parts import when
from ..shapes import InvestigationShape
from .section import section


def investigation_page(document: InvestigationShape) -> str:
    """Return the page of an investigation alone. It needs no script."""
    style = style_sheet()
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{content_policy(style, "")}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>Who makes kernel memory grow</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<header><p class="over">Kernel memory investigation · {when(document["generated_at"])}</p>\n'
        "<h1>Who makes kernel memory grow</h1></header>\n"
        f"<main>\n{section(document)}\n</main>\n</body>\n</html>\n"
    )


def report_page(audit: Audit, document: InvestigationShape) -> Iterator[str]:
    """Return, in pieces, the page of the audit that the hosts were chosen from, with the investigation as a section."""
    return pieces(audit, section(document))
