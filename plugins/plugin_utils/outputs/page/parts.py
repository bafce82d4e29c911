# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The small parts of the page. Whatever comes from outside goes through :func:`text` or :func:`name`, and nothing
else escapes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol
from urllib.parse import quote

from ...audit.consolidated import Counts
from ...audit.entry import Entry
from ...model.finding import VERDICTS
from ...text.safe import shortened, visible
from ...text.units import human_bytes
from ...words.labels import VERDICT_LABELS
from ...words.names import cut_middle
from ...words.outlook import left_words

LONGEST_NAME = 120
SHOWN_OF_A_NAME = 60
LONGEST_TEXT = 800
DASH = "–"
NB = "\u00a0"
LABELS = {**VERDICT_LABELS, "ok": "Within limits"}

# Given twice, here as attributes and in report.css as classes, so that shapes keep their colour where styles are
# blocked.
FILLS = {"critical": "#c62f27", "warning": "#b87400", "unknown": "#7565c0", "ok": "#2f8f78", "info": "#0b57b0"}


BOUND_SIGNS = {"exact": "", "lower": "≥ ", "estimate": "≈ "}
STATUS_WORDS = {
    "suspected": "suspected",
    "confirmed": "confirmed",
    "levelling_off": "levelling off",
    "long_standing": "long-standing",
}


_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_FROM_THE_RIGHT = re.compile(f"[{_RIGHT}](?:[^\\sA-Za-z<>&;,.:]*[{_RIGHT}])*")


class Advice(Protocol):
    """What has a next step: a finding, a group, a leak."""

    @property
    def next_step(self) -> str:
        """What to do, in a sentence."""

    @property
    def command(self) -> str:
        """The command for it, or an empty text."""


class Column(NamedTuple):
    """The head of a table's column; numbers are aligned to the right."""

    title: str
    numeric: bool = False


def plain(value: object, most: int = LONGEST_TEXT) -> str:
    """Return *value* as text that is safe to look at, for the data of the page; it is not escaped."""
    return visible(shortened(str(value), most))


def text(value: object, most: int = LONGEST_TEXT) -> str:
    """Return *value* as the page's text or as the value of a quoted attribute."""
    return html.escape(plain(value, most), quote=True)


def prose(value: object, most: int = LONGEST_TEXT) -> str:
    """Return a sentence of the page. Words that are written from the right stand apart, so that a name among them can't
    turn round what stands beside it: numbers and full stops change sides else.
    """
    return _FROM_THE_RIGHT.sub(lambda found: f"<bdi>{found[0]}</bdi>", text(value, most))


def name(value: str) -> str:
    """Return a name of any length and any writing, on its own: its direction can't change that of its neighbours."""
    return short_name(value, "", SHOWN_OF_A_NAME)


def short_name(value: str, ending: str, most: int = 26) -> str:
    """Return a name without the *ending* that all have, cut in its middle: names differ at both ends."""
    if not ending and len(value) <= most:
        return f"<bdi>{text(value)}</bdi>"
    whole = plain(value, 1000)
    shown = cut_middle(whole.removesuffix(plain(ending)) if ending else whole, most)
    return f'<bdi title="{html.escape(whole)}">{html.escape(shown)}</bdi>'


def host_link(name_: str, ending: str, most: int = 26) -> str:
    """Return a link that opens a host in the table of all hosts, where scripts run."""
    return f'<a href="#hosts" {show(host=name_)}>{short_name(name_, ending, most)}</a>'


def when(moment: str) -> str:
    """Return an ISO 8601 time in UTC for people: ``2026-11-24 12:00 UTC``."""
    return text(f"{moment[:10]} {moment[11:16]} UTC" if len(moment) == 20 else moment)


def show(**wanted: str) -> str:
    """Return the attribute of a link that lets the table of all hosts show these only, where scripts run."""
    state = "&".join(f"{key}={quote(plain(value, LONGEST_NAME), safe=',')}" for key, value in wanted.items())
    return f'data-show="{html.escape(state)}"'


def icon(verdict: str, size: int = 14) -> str:
    """Return the shape of a verdict or severity."""
    return (
        f'<svg width="{size}" height="{size}" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><use '
        f'href="#i-{text(verdict)}"/></svg>'
    )


def status(verdict: str) -> str:
    """Return the shape and the word of a verdict or severity."""
    return f'<span class="st {text(verdict)}">{icon(verdict)} {text(LABELS[verdict])}</span>'


def next_step(finding: Advice) -> str:
    """Return the next step of a finding, of a group or of a reason, with its command."""
    return f'<p class="next"><span>Next:</span> {text(finding.next_step)}{command_line(finding.command)}</p>'


def command_line(command: str) -> str:
    """Return a command with a button that copies it; nothing for none."""
    if not command:
        return ""
    return f'<span class="cmd"><code>{text(command)}</code> {copy(command, "Copy")}</span>'


def copy(value: str, label: str, most: int = 4000) -> str:
    """Return a button that copies; the script shows it, since without one it could do nothing."""
    return f'<button type="button" class="copy" hidden data-copy="{text(value, most)}">{text(label)}</button>'


def left(days: float | None) -> str:
    """Return the days that are left: ``9 days``; a dash where no end is in sight."""
    return DASH if days is None else left_words(days).replace(" ", NB)


def meter(part: float, class_: str = "acc", width: int = 90) -> str:
    """Return a bar on a scale from 0 to 1. Its number stands beside it, so it has no text of its own."""
    fill = FILLS.get(class_.removeprefix("f-"), "#0b57b0")
    return (
        f'<svg class="bar" width="{width}" height="8" aria-hidden="true" focusable="false"><rect class="f-track" '
        f'fill="#dfe4ea" width="{width}" height="8"/><rect class="{class_}" fill="{fill}" '
        f'width="{max(0.0, min(1.0, part)) * width:.1f}" height="8"/></svg>'
    )


def size(amount: float | None) -> str:
    """Return bytes for people; a dash where the number is not known."""
    return DASH if amount is None else human_bytes(int(amount)).replace(" ", NB)


def total(host: Entry) -> str:
    """Return a host's kernel memory, marked where it is a lower bound or an estimate."""
    if host.kernel_total_bytes is None:
        return DASH
    return BOUND_SIGNS[host.bound or "exact"] + size(host.kernel_total_bytes)


def share(part: int | float | None, whole: int | float | None) -> str:
    """Return *part* of *whole* in percent; a dash where one of them is not known."""
    if part is None or not whole:
        return DASH
    if part == 0:
        return f"0{NB}%"
    percent = 100 * part / whole
    return f"{percent:.2f}{NB}%" if abs(percent) < 1 else f"{percent:.1f}{NB}%"


def table(label: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], class_: str = "") -> str:
    """Return a table whose cells are finished HTML, the first of each row its heading, in a region that scrolls by
    itself.
    """
    heads = "".join(f'<th scope="col"{_numeric(column)}>{text(column.title)}</th>' for column in columns)
    body = "\n".join(
        "<tr>"
        + f'<th scope="row">{row[0]}</th>'
        + "".join(f"<td{_numeric(column)}>{cell}</td>" for column, cell in zip(columns[1:], row[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{text(label)}"><table class="{class_}">'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def as_table(label: str, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> str:
    """Return what a chart shows as a table that opens."""
    return f'<details class="week"><summary>The same as a table</summary>{table(label, columns, rows)}</details>'


def _numeric(column: Column) -> str:
    return ' class="num"' if column.numeric else ""


def share_bar(counts: Counts, width: int = 200) -> str:
    """Return a bar of the hosts by verdict. What it shows is also in numbers beside it, so it has no text of its
    own.
    """
    left, parts = 0.0, []
    for verdict in VERDICTS:
        if counts.of(verdict):
            # One host of thousands must stay visible.
            long = max(3.0, width * counts.of(verdict) / max(1, counts.total))
            parts.append(_rectangle(left, min(long, width - left), f"f-{verdict}", FILLS[verdict]))
            left += long
    return (
        f'<svg class="bar" width="{width}" height="10" viewBox="0 0 {width} 10" preserveAspectRatio="none" '
        f'aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    )


def _rectangle(left: float, width: float, class_: str, fill: str) -> str:
    gap = 1.0 if width > 3 else 0.0
    return f'<rect class="{class_}" fill="{fill}" x="{left:.1f}" width="{max(0.0, width - gap):.1f}" height="10"/>'
