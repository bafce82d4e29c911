# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last screen of an audit: what matters least first, the verdict and the path of the report last, above the prompt.

A name is cut in its middle where it has to be, a sentence never: what is to be done stands at its end.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

from ..audit.phrases import set_aside
from ..text.safe import shortened, visible
from ..words.labels import hosts_phrase
from .content import Cause, Content, Some
from .style import Lines, Style, middle_cut

WIDE = 110
"""From this width on pace and names are shown, too."""
MOST_LINES = 30
LONGEST_LIMIT = 60


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is said: rows of each part, names in a row and their length, and whether pace and names are there."""

    reasons: int
    changes: int
    causes: int
    fleet: int
    notes: int
    names: int
    longest: int
    host: int
    wide: bool = False


_USUAL = _Detail(reasons=5, changes=6, causes=5, fleet=1, notes=3, names=3, longest=22, host=16)
_DETAILS = (
    _Detail(reasons=7, changes=6, causes=7, fleet=3, notes=3, names=5, longest=40, host=24, wide=True),
    _Detail(reasons=5, changes=6, causes=5, fleet=1, notes=2, names=3, longest=40, host=24, wide=True),
    _USUAL,
    _Detail(reasons=4, changes=5, causes=5, fleet=1, notes=2, names=1, longest=22, host=16),
    _Detail(reasons=3, changes=4, causes=5, fleet=0, notes=1, names=1, longest=22, host=16),
    _Detail(reasons=3, changes=3, causes=4, fleet=0, notes=1, names=1, longest=22, host=16),
    _Detail(reasons=3, changes=2, causes=3, fleet=0, notes=1, names=1, longest=22, host=16),
    _Detail(reasons=1, changes=1, causes=1, fleet=0, notes=1, names=1, longest=22, host=16),
)
"""From the most to the least: the first with which all has its place is taken."""


def last_screen(
    content: Content, style: Style, folder: str = "", notes: tuple[str, ...] = (), limit: str = ""
) -> list[str]:
    """Return the lines, 30 at most. Paths are shown from *folder* on where they are below it; *notes* are said beside
    those of the audit; *limit* is what the run was limited to, empty for the whole inventory.
    """
    lines: list[str] = []
    for detail in _DETAILS if style.width >= WIDE else _DETAILS[_DETAILS.index(_USUAL) :]:
        out = Lines(style)
        _no_data(out, content, detail)
        _changes(out, content, detail)
        _first(out, content, detail)
        _notes(out, content, notes, detail)
        _verdict(out, content, limit)
        _report(out, content, folder)
        lines = out.lines
        if len(lines) <= MOST_LINES:
            break
    return lines[-MOST_LINES:]


def _no_data(out: Lines, content: Content, detail: _Detail) -> None:
    if not content.no_data:
        return
    out.heading("NO DATA", "a host without data is not a healthy host")
    most = detail.reasons
    rows = content.no_data if len(content.no_data) <= most else content.no_data[: most - 1]
    width = max((len(row.what) for row in rows), default=0)
    for row in rows:
        named = detail.wide or row.number == 1
        names = f": {some(row, 2, detail.longest, content.ending)}" if named else ""
        out.say(f"{row.number:>5,}  {row.what:<{width}}  ", f"{row.step}{names}", "unknown")
    rest = content.no_data[len(rows) :]
    if rest:
        words = ", ".join(f"{row.what.lower()} {row.number:,}" for row in rest)
        out.say(f"{sum(row.number for row in rest):>5,}  ", words, "unknown")


def _changes(out: Lines, content: Content, detail: _Detail) -> None:
    if not content.changes:
        return
    out.heading("CHANGED", f"since {content.changes_since}")
    rows = content.changes if len(content.changes) <= detail.changes else content.changes[: detail.changes - 1]
    width = max((len(row.what) for row in rows if row.step), default=0)
    for row in rows:
        lead = f"{row.number:>5,}  " + (f"{row.what:<{width}}  " if row.step else "")
        out.say(lead, f"{row.step or row.what}: {some(row, detail.names, detail.longest, content.ending)}")
    rest = Counter[str]()
    for row in content.changes[len(rows) :]:
        rest[row.what] += row.number
    if rest:
        out.say("       ", "and " + ", ".join(f"{number:,} {what}" for what, number in rest.items()) + " beside")


def _first(out: Lines, content: Content, detail: _Detail) -> None:
    if not content.causes and not content.fleet:
        return
    bad = content.critical + content.warning
    causes = f"{content.causes_total:,} cause{'' if content.causes_total == 1 else 's'} on {hosts_phrase(bad)}"
    shown = content.causes[: detail.causes]
    several = any(cause.more for cause in shown)
    remarks = [causes, "+N is how many more hosts have it" if several else ""]
    remarks.append(f"names end in {content.ending}" if content.ending else "")
    out.heading("FIRST TO RUN OUT", "; ".join(remark for remark in remarks if remark))
    names = [middle_cut(short(cause.host, content.ending), detail.host) for cause in shown]
    width, more = max(map(len, names), default=0), max((len(_more(cause)) for cause in shown), default=0)
    for name, cause in zip(names, shown, strict=True):
        lead = f"{cause.left:>8}  {name:<{width}}  " + (f"{_more(cause):<{more}}  " if more else "")
        out.say(lead, _cause(cause, detail.wide), cause.verdict)
    if content.causes_total > len(shown):
        more_causes = content.causes_total - len(shown)
        out.say("          ", f"and {more_causes:,} more cause{'' if more_causes == 1 else 's'} in the report")
    for sentence in content.fleet[: detail.fleet]:
        out.say("   fleet  ", sentence)


def _cause(cause: Cause, wide: bool) -> str:
    if wide:
        return ", ".join(part for part in (cause.what, cause.pace_since, cause.holder) if part)
    # A date is not parted from its word.
    since = cause.since.replace(" ", "\u00a0")
    return ", ".join(part for part in (f"{cause.what} {since}".rstrip(), cause.holder) if part)


def _more(cause: Cause) -> str:
    return f"+{cause.more:,}" if cause.more else ""


def _notes(out: Lines, content: Content, notes: tuple[str, ...], detail: _Detail) -> None:
    every = [*notes, *(note for note in content.notes if note not in notes)]
    total = content.notes_total + len(notes)
    if not every and not content.history:
        return
    out.lines.append("") if out.lines else None
    for number, note in enumerate(every[: detail.notes]):
        out.say("NOTE      " if number == 0 else "          ", note, "heading")
    more = total - min(len(every), detail.notes)
    if more > 0:
        out.say("          ", f"and {more:,} more note{'' if more == 1 else 's'} in the report")
    if content.history:
        out.say("HISTORY   ", content.history, "heading")


def _verdict(out: Lines, content: Content, limit: str) -> None:
    if out.lines:
        out.lines.append("")
    if content.missing:
        out.say("MISSING   ", content.missing, "unknown")
    if limit:
        name = shortened(limit, LONGEST_LIMIT, "..")
        asked = f"{hosts_phrase(content.total)} {'was' if content.total == 1 else 'were'} asked (--limit {name})"
        out.say("PARTIAL   ", f"{asked}: this says nothing of the others.", "unknown")
    lead, kind, sentence = _sentence(content)
    out.say(f"{lead:<10}", sentence, kind)
    rest = _rest(content)
    if rest:
        out.say("          ", rest)
    waived = set_aside(content.long_standing, content.waived, content.expired)
    if waived:
        out.say("          ", waived)
    _next(out, content)


def _next(out: Lines, content: Content) -> None:
    """What to do about the first cause, and the command for it, whole."""
    if not content.causes:
        return
    first = content.causes[0]
    out.say("NEXT      ", f"On {first.host}: {first.next_step}", "heading")
    if first.command:
        out.whole(f"          {first.command}")


def _sentence(content: Content) -> tuple[str, str, str]:
    """Return the leading word, its colour, and the verdict."""
    total = hosts_phrase(content.total)
    if content.critical:
        where = " (" + ", ".join(f"{row.what} {row.number:,}" for row in content.environments) + ")"
        said = f"{content.critical:,} of {total}{where if content.environments else ''}. {_end(content)}"
        return "CRITICAL", "critical", said.rstrip()
    if content.without_data:
        return "NO DATA", "unknown", f"{content.without_data:,} of {total}: of these nothing is known."
    if content.warning:
        return "WARNING", "warning", f"{content.warning:,} of {total}. {_end(content)}".rstrip()
    if content.ok == 1:
        return "ALL WELL", "ok", f"The only {'host' if content.total == 1 else 'kernel'} is within its limits."
    return (
        "ALL WELL",
        "ok",
        f"All {content.ok:,} {'hosts' if not content.shared else 'kernels'} are within their limits.",
    )


def verdict_line(content: Content) -> str:
    """Return the verdict in one line."""
    lead, _kind, sentence = _sentence(content)
    return f"{lead}: {sentence}"


def _end(content: Content) -> str:
    first = next((cause for cause in content.causes if cause.days_left is not None), None)
    if first is None:
        return "At today's rates no end is in sight." if content.growth_judged else ""
    left = "now" if first.left == "now" else f"in about {first.left}"
    return f"First to run out: {first.host} {left}."


def _rest(content: Content) -> str:
    parts = []
    if content.warning and content.critical + content.without_data:
        parts.append(f"{content.warning:,} {'has' if content.warning == 1 else 'have'} a warning")
    if content.without_data and content.critical:
        parts.append(f"{content.without_data:,} gave no data")
    if content.shared:
        parts.append(
            f"{content.shared:,} {'shares its kernel' if content.shared == 1 else 'share kernels'} with others"
        )
    if content.critical + content.without_data + content.warning:
        parts.append(f"{content.ok:,} {'is within its' if content.ok == 1 else 'are within their'} limits")
    said = ", ".join(parts)
    return said and f"{said}."


def _report(out: Lines, content: Content, folder: str) -> None:
    if not content.report:
        out.say("REPORT    ", "Nothing was written (check mode).", "heading")
        return
    shown = out.style.link(content.report, _from(content.report, folder))
    beside = os.path.dirname(content.report)
    others = [
        os.path.basename(path) if os.path.dirname(path) == beside else _from(path, folder) for path in content.others
    ]
    length = len("REPORT    " + _from(content.report, folder))
    # The path stays whole and on a line of its own, so that it can be picked up.
    out.whole(out.style.paint("REPORT    ", "heading") + shown)
    if others and length + 2 + len("  ".join(others)) <= out.style.width:
        out.lines[-1] += "  " + "  ".join(others)


def _from(path: str, folder: str) -> str:
    inside = folder and path.startswith(folder.rstrip("/") + "/")
    return visible(path[len(folder.rstrip("/")) + 1 :] if inside else path)


def some(row: Some, most: int, longest: int, ending: str = "") -> str:
    """Return the first names of a row without their *ending*, and how many there are beside them."""
    shown = ", ".join(middle_cut(short(name, ending), longest) for name in row.names[:most])
    left = row.number - min(most, len(row.names))
    return f"{shown} and {left:,} more" if left else shown


def short(name: str, ending: str) -> str:
    """Return a name without the ending that all have."""
    return name[: len(name) - len(ending)] if ending and name.endswith(ending) else name
