# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""index.html of a folder of reports: all runs with their verdicts, and how many hosts were bad over time.

Without scripts, so that a web folder is a small site.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from .page.parts import text

MARK = '<meta name="generator" content="fleetaudit.kernel_memory index">'
"""By it an index of ours is told from a page of somebody else's."""

MOST_BARS = 90
_HEIGHT = 120
_KINDS = (("critical", "Critical"), ("warning", "Warning"), ("unknown", "No data"))

_STYLE = """
:root{color-scheme:light dark;--critical:#c4293a;--warning:#a86500;--unknown:#8a4fa3;--line:#8886}
@media (prefers-color-scheme:dark){:root{--critical:#ff7b84;--warning:#e0a030;--unknown:#cf9be6}}
body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem}
table{border-collapse:collapse;width:100%}
.wide{overflow-x:auto}
th,td{text-align:left;padding:.375rem .75rem .375rem 0;border-bottom:1px solid var(--line);vertical-align:top}
.number{text-align:right;font-variant-numeric:tabular-nums}
td time{white-space:nowrap}
svg{width:100%;height:7.5rem;border-bottom:1px solid var(--line)}
.critical{fill:var(--critical)}.warning{fill:var(--warning)}.unknown{fill:var(--unknown)}
figure{margin:1.5rem 0}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One report: its folder's name, when it was made, and what it says. *page* is its page, or its audit.json."""

    folder: str
    page: str
    made_at: str
    sentence: str
    critical: int
    warning: int
    unknown: int
    ok: int
    total: int


def index_page(runs: Sequence[Run]) -> str:
    """Return the page of some runs, the oldest first; the page shows the newest first. Raises ValueError of none."""
    if not runs:
        raise ValueError("An index needs a report.")
    last = runs[-1]
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return "".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'none'\">\n",
            f'{MARK}\n<meta name="viewport" content="width=device-width,initial-scale=1">\n',
            f"<title>{text(last.sentence)} – kernel memory audits</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n",
            f"<main>\n<h1>{text(last.sentence)}</h1>\n",
            f'<p>The last of {len(runs):,} audits: <a href="{_link(last)}">the report of {_moment(last)}</a>.</p>\n',
            _trend(runs[-MOST_BARS:]),
            _table(runs),
            "</main>\n</body>\n</html>\n",
        )
    )


def _trend(runs: Sequence[Run]) -> str:
    """Return bars, one a run: hosts that are critical, have a warning, or gave no data. The table says the same."""
    most = max((run.critical + run.warning + run.unknown for run in runs), default=0)
    if len(runs) < 2 or not most:
        return ""
    bars = []
    for place, run in enumerate(runs):
        base = float(_HEIGHT)
        for kind, _label in _KINDS:
            height = _HEIGHT * getattr(run, kind) / most
            base -= height
            if height:
                bars.append(f'<rect class="{kind}" x="{place * 10}" y="{base:.1f}" width="8" height="{height:.1f}"/>')
    words = f"Hosts that were critical, had a warning or gave no data, in the last {len(runs)} audits; {most:,} at most"
    return (
        f'<figure>\n<svg viewBox="0 0 {len(runs) * 10} {_HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{words}">{"".join(bars)}</svg>\n<figcaption>{words}: critical below, then warnings, no '
        "data on top. The oldest is at the left.</figcaption>\n</figure>\n"
    )


def _table(runs: Sequence[Run]) -> str:
    heads = ("Critical", "Warning", "No data", "OK", "Hosts")
    rows = "".join(
        f'<tr><th scope="row"><a href="{_link(run)}">{_moment(run)}</a></th><td>{text(run.sentence)}</td>'
        + "".join(
            f'<td class="number">{number:,}</td>'
            for number in (run.critical, run.warning, run.unknown, run.ok, run.total)
        )
        + "</tr>\n"
        for run in reversed(runs)
    )
    head = "".join(f'<th scope="col" class="number">{one}</th>' for one in heads)
    return (
        '<div class="wide" tabindex="0" role="region" aria-label="All audits">\n<table>\n<thead><tr>'
        f'<th scope="col">Audit</th><th scope="col">Verdict</th>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n'
        "</table>\n</div>\n"
    )


def _link(run: Run) -> str:
    return text(f"{quote(run.folder)}/{quote(run.page)}")


def _moment(run: Run) -> str:
    shown = f"{run.made_at[:10]} {run.made_at[11:16]} UTC"
    return f'<time datetime="{text(run.made_at)}">{text(shown)}</time>'
