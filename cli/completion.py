# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Completion for bash and zsh, made from the parser, so that it knows what the command knows."""

from __future__ import annotations

import argparse

_BASH = """\
# source <(kernel-memory completion bash)
_kernel_memory() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="{commands}"
    else
        case "${{COMP_WORDS[1]}}" in
{cases}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    case "$word" in -*) ;; *) [ "$COMP_CWORD" -gt 1 ] && COMPREPLY+=($(compgen -f -- "$word")) ;; esac
}}
complete -o filenames -F _kernel_memory kernel-memory"""

_ZSH = """\
#compdef kernel-memory
# source <(kernel-memory completion zsh)
_kernel_memory() {{
    if (( CURRENT == 2 )); then
        local -a known=({described})
        _describe command known
        return
    fi
    case "$words[2]" in
{cases}
    esac
    _files
}}
compdef _kernel_memory kernel-memory"""


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the completion for a shell."""
    commands = next(one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    helps = {one.dest: one.help or "" for one in commands._choices_actions}
    words = {name: _words(one) for name, one in commands.choices.items()}
    if shell == "bash":
        cases = "\n".join(f'        {name}) words="{" ".join(of)}" ;;' for name, of in words.items())
        return _BASH.format(commands=" ".join(words), cases=cases)
    described = " ".join(f"'{name}:{helps[name]}'" for name in words)
    cases = "\n".join(f"        {name}) compadd -- {' '.join(of)} ;;" for name, of in words.items())
    return _ZSH.format(described=described, cases=cases)


def _words(command: argparse.ArgumentParser) -> list[str]:
    """Return the options of a command, and the values of its arguments where they are known."""
    found: list[str] = []
    for one in command._actions:
        found += one.option_strings or list(map(str, one.choices or ()))
    return found
