# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html: one page, in one file, without scripts and without a request to anywhere.

It carries its own Content-Security-Policy, which allows its one style sheet (by hash) and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import html_hosts, html_limits, html_summary
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.html_parts import text

STATIC = Path(__file__).parent / "html"
STYLE_SHEET = STATIC / "report.css"
ICONS = STATIC / "icons.svg"


def render(audit: Mapping[str, Any]) -> str:
    """Return the page of *audit*."""
    style = STYLE_SHEET.read_text(encoding="utf-8")
    return "\n".join((
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{content_policy(style)}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{text(audit['decision']['sentence'])} – kernel memory audit</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        ICONS.read_text(encoding="utf-8"),
        '<a class="skip" href="#attention">Skip to what needs attention</a>',
        html_summary.header(audit),
        "<main>",
        html_summary.environments(audit),
        html_hosts.attention(audit),
        html_hosts.without_data(audit),
        html_hosts.all_hosts(audit),
        html_limits.limits(audit),
        html_summary.how_to_read(audit),
        "</main>",
        html_summary.footer(audit),
        "</body>",
        "</html>",
        "",
    ))


def content_policy(style: str) -> str:
    """Return the page's policy: its style sheet *style*, exactly as written, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
