# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit says outside of a terminal: a ticket, and the forms that chats and on-call systems take.

All of it is made of the last screen's content, so a message never says another thing than the terminal.
"""

from __future__ import annotations

import html

from ..model.plain import Json
from .content import Cause, Content
from .last_screen import last_screen, verdict_line
from .style import Style

MOST_CAUSES = 5
WIDTH = 100
DEDUP_KEY = "kernel-memory-audit"

_COLOURS = {"critical": "#c4293a", "unknown": "#8a4fa3", "warning": "#a86500", "ok": "#2b7a3e"}
_SEVERITIES = {"critical": "critical", "unknown": "warning", "warning": "warning", "ok": "info"}
_CARD_COLOURS = {"critical": "Attention", "unknown": "Warning", "warning": "Warning", "ok": "Good"}


def messages(content: Content) -> dict[str, Json]:
    """Return a title, a text, a ticket, and the body for each kind of receiver, by name. Links and keys are added by
    who sends it.
    """
    title, causes = verdict_line(content), [_line(cause) for cause in content.causes[:MOST_CAUSES]]
    kind = worst_of(content)
    text = "\n".join((title, *causes))
    # In code, since a name of a host could call people there: @all.
    quoted = "\n".join(causes).replace("`", "'")
    mattermost: dict[str, Json] = {
        "fallback": _calling_nobody(title),
        "color": _COLOURS[kind],
        "title": _calling_nobody(title),
        "text": f"```\n{quoted}\n```" if causes else "",
    }
    return {
        "title": title,
        "text": text,
        "ticket": ticket(content),
        "slack": {"text": html.escape(title, quote=False), "blocks": [_slack(line) for line in (title, *causes)]},
        "mattermost": {"attachments": [mattermost]},
        "teams": _teams(title, causes, kind),
        "pagerduty": {
            "event_action": "resolve" if kind == "ok" else "trigger",
            "dedup_key": DEDUP_KEY,
            "payload": {
                "summary": title,
                "source": content.causes[0].host if content.causes else "kernel memory audit",
                "severity": _SEVERITIES[kind],
                "component": "kernel memory",
                "custom_details": {"run": content.run_id, "causes": list[Json](causes)},
            },
        },
    }


def _calling_nobody(words: str) -> str:
    """Return words for Markdown in which no name begins code or calls people."""
    return words.replace("`", "'").replace("@", "@\u200b")


def worst_of(content: Content) -> str:
    """Return the worst verdict that a host has."""
    numbers = {"critical": content.critical, "unknown": content.without_data, "warning": content.warning}
    return next((kind for kind, number in numbers.items() if number), "ok")


def ticket(content: Content) -> str:
    """Return the text of a ticket: the verdict, then each cause with what to do."""
    parts = [verdict_line(content), ""]
    for cause in content.causes[:MOST_CAUSES]:
        parts += [_line(cause), f"  Next: {cause.next_step}"]
        # A command stays whole, to be picked up.
        parts += [f"  {cause.command}", ""] if cause.command else [""]
    return "\n".join((*parts, "The screen of this audit:", "", *last_screen(content, Style(WIDTH))))


def _line(cause: Cause) -> str:
    more = f" and {cause.more:,} more" if cause.more else ""
    words = (cause.what, cause.pace_since, cause.holder)
    return f"{cause.left}: {cause.host}{more}: {', '.join(word for word in words if word)}"


def _slack(line: str) -> Json:
    # plain_text, in which no name of a host calls people.
    return {"type": "section", "text": {"type": "plain_text", "text": line[:3000], "emoji": False}}


def _teams(title: str, causes: list[str], kind: str) -> Json:
    head: Json = {"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True, "color": _CARD_COLOURS[kind]}
    # A RichTextBlock takes no Markdown.
    rows: list[Json] = [
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line, "fontType": "Monospace"}]}
        for line in causes
    ]
    card: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [head, *rows],
    }
    form = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": form, "content": card}]}
