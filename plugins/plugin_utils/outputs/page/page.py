# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html: one page in one file, which asks nothing of any network.

All that matters is HTML and can be read without scripts and without styles. A script of the page's own adds the table
of all hosts, with search, filters and details. The page carries its own Content-Security-Policy: it allows this one
style sheet and this one script, each by its hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...audit.audit import Audit
from ...audit.outlooks import Cause, causes_of
from ...words.names import shared_ending
from . import causes as html_causes
from . import changes as html_changes
from . import data as html_data
from . import details as html_details
from . import fleet as html_fleet
from . import fleet_time as html_fleet_time
from . import heat as html_heat
from . import limits as html_limits
from . import no_data as html_no_data
from . import one as html_one
from . import summary as html_summary
from . import table as html_table
from . import verdict as html_verdict
from .parts import text

STATIC = Path(__file__).parent / "static"
STYLE_SHEET = STATIC / "report.css"
SCRIPTS = tuple(
    STATIC / f"{name}.js"
    for name in ("parts", "data", "charts", "stack", "heat", "details", "columns", "table", "actions", "report")
)
ICONS = STATIC / "icons.svg"


def render(audit: Audit) -> str:
    """Return the page of *audit*."""
    return "".join(pieces(audit))


def pieces(audit: Audit, investigation: str = "") -> Iterator[str]:
    """Return the page of *audit* in pieces, so that the page of a large fleet never stands in memory as a whole;
    *investigation* is the section of one that was made from it, as HTML.
    """
    shown = _Shown.of(audit)
    sections = _sections(audit, shown, investigation)
    style, script = style_sheet(), program()
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{content_policy(style, script)}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(audit.decision.sentence)} – kernel memory audit</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n"
    )
    yield ICONS.read_text(encoding="utf-8")
    yield '<a class="skip" href="#hosts">Skip to the table of all hosts</a>\n'
    yield html_summary.masthead(audit)
    yield f'\n<div class="frame">{html_summary.contents(audit, sections)}\n<main>\n'
    for section in sections.values():
        yield section
        yield "\n"
    yield "</main></div>\n"
    yield html_summary.footer(audit)
    yield '\n<script type="application/json" id="data">'
    extra = {"runs": html_fleet_time.fleet_data(audit), "heat": html_heat.heat_data(shown.heat)}
    yield from html_data.data(audit, extra, shown.held, shown.ending)
    yield '</script>\n<script type="application/json" id="details">'
    yield from html_details.details(audit)
    yield f"</script>\n<script>{script}</script>\n</body>\n</html>\n"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What several sections show alike: the causes, the heat map, who holds the memory, and what all names end in."""

    causes: tuple[Cause, ...]
    heat: html_heat.HeatMap
    held: Mapping[str, str]
    ending: str

    @classmethod
    def of(cls, audit: Audit) -> _Shown:
        """Return what is shown of an audit."""
        causes = causes_of(audit.hosts)
        members = sorted((one for cause in causes for one in cause.members), key=lambda one: one.order)
        held = {one.host.name: one.outlook.holder for one in members if one.outlook.holder}
        ending = shared_ending([host.name for host in audit.hosts])
        return cls(causes, html_heat.HeatMap.of(audit.generated_at, members), held, ending)


def _sections(audit: Audit, shown: _Shown, investigation: str) -> dict[str, str]:
    """Return the sections that have something to say, by the id that links lead to, in the order of the page."""
    fleet = html_fleet.compared(audit)
    sections = {
        "verdict": html_verdict.verdict(audit, shown.causes, shown.ending),
        "changes": html_changes.changes(audit, shown.causes),
        "investigation": investigation,
        "attention": html_causes.attention(audit, shown.causes, shown.ending),
        "host": html_one.one_host(audit, shown.causes),
        "days": html_heat.heat(audit.generated_at, shown.heat, shown.ending),
        "environments": html_summary.environments(audit),
        "time": html_fleet_time.over_time(audit),
        "no-data": html_no_data.without_data(audit),
        "hosts": html_table.all_hosts(audit, shown.held, shown.ending),
        "fleet": html_fleet.distributions(fleet),
        "compare": html_fleet.comparisons(fleet),
        "caches": html_fleet.caches(audit),
        "limits": html_limits.limits(audit),
        "how": html_summary.how_to_read(audit),
    }
    return {anchor: section for anchor, section in sections.items() if section}


@cache
def style_sheet() -> str:
    """Return the style sheet of the page."""
    return STYLE_SHEET.read_text(encoding="utf-8")


@cache
def program() -> str:
    """Return the script of the page: its files, the later ones on top of the earlier ones, in one scope of their
    own.
    """
    files = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    return f'(() => {{\n"use strict";\n{files}}})();\n'


def content_policy(style: str, script: str) -> str:
    """Return the page's policy: its style sheet and its script, exactly as written, and nothing else; no text
    becomes HTML.
    """
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; base-uri 'none'; form-action "
        "'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text_: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text_.encode('utf-8')).digest()).decode('ascii')}'"
