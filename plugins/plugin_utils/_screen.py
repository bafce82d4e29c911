# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Ansible shows things: words for people that disturb no program, and a terminal for the callbacks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from ansible import constants as C
from ansible import context
from ansible.utils import color
from ansible.utils.display import Display

from .screen.audience import Audience, audience_of, ours_of
from .screen.content import Content
from .screen.last_screen import last_screen
from .screen.style import Lines, Style, style_of

CLEAR = "\r\x1b[K"


def tell(words: str, unless: Iterable[str] = ()) -> None:
    """Show words to people: on standard output, on standard error beside a callback that nobody knows, and not at all
    where a program reads the output, or where one of the callbacks *unless* shows the same.
    """
    callback = str(C.DEFAULT_STDOUT_CALLBACK)
    if ours_of(callback, map(str, C.CALLBACKS_ENABLED or ())) & set(unless):
        return
    audience = audience_of(callback)
    if audience is not Audience.PROGRAM:
        Display().display(words, stderr=audience is Audience.UNKNOWN)


def style_of_people() -> Style:
    """Return the style of words that are told in the middle of a run: a worker has no terminal, but knows its width."""
    coloured = bool(color.ANSIBLE_COLOR)
    return style_of(Display().columns if coloured else None, terminal=False, colour=coloured, environment=os.environ)


def shown_at_the_end(content: Content, notes: tuple[str, ...] = (), style: Style | None = None) -> list[str]:
    """Return the last screen of this run, without colour where no style is given."""
    limit = str(context.CLIARGS.get("subset") or "")
    return last_screen(content, style or Style(), os.getcwd(), notes, limit)


def read_by_people() -> bool:
    """Return whether standard output is people's, so that a callback beside another may write there."""
    return audience_of(str(C.DEFAULT_STDOUT_CALLBACK)) is Audience.PEOPLE


class Terminal:
    """Standard output: a terminal, or a log."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._shown = ""

    @property
    def rewrites(self) -> bool:
        """Whether a line can be written again."""
        return self._terminal

    @property
    def style(self) -> Style:
        """What it can show; people make windows wider in the middle of a run."""
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns if self._terminal else None
        except (OSError, ValueError):
            width = None
        return style_of(width, terminal=self._terminal, colour=bool(color.ANSIBLE_COLOR), environment=os.environ)

    def say(self, lead: str, words: str, kind: str) -> None:
        """Show words behind a leading word, wrapped."""
        out = Lines(self.style)
        out.say(lead, words, kind)
        self.lines(out.lines)

    def lines(self, lines: Iterable[str]) -> None:
        """Show lines as they are, in the place of the state."""
        shown, self._shown = self._shown, ""
        text = "\n".join(lines)
        Display().display(f"{CLEAR if shown else ''}{text}")
        sys.stdout.flush()

    def status(self, words: str) -> None:
        """Rewrite the line of the state, and leave the cursor at its begin: a warning of Ansible's overwrites it."""
        if not self._terminal or words == self._shown:
            return
        self._shown = words
        # Ansible's own lock is held around forks, so no worker is made in the middle of a write.
        sys.stdout.write(f"{CLEAR}{words[: self.style.width - 1]}\r")
        sys.stdout.flush()
