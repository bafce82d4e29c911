# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before the arguments that Ansible's ssh plugin makes. ssh takes the first value that it is given.

An open master connection is used, none is left behind: 4,000 of them would stay for a minute, 1.3 MiB each. And nobody
is asked anything, since no terminal is there to ask at.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence

UNCHANGED, LIGHT = KEY_EXCHANGES = ("unchanged", "light")

_NO_MASTER = (b"-o", b"ControlMaster=no")
_ASK_NOBODY = (b"-o", b"BatchMode=yes")
_ONE_PASSWORD = (b"-o", b"NumberOfPasswordPrompts=1")  # BatchMode would forbid passwords

# What is cheap, the post-quantum exchange first where ssh knows it. "^" puts it before ssh's own list and keeps that.
_POST_QUANTUM, _CHEAP = "mlkem768x25519-sha256", "curve25519-sha256"
_PROBE_SECONDS = 10

_JUMP = re.compile(rb"\s*(?:ProxyJump|ProxyCommand)(?:\s*=\s*|\s+)(.+)", re.IGNORECASE | re.DOTALL)
_KEX = re.compile(rb"\s*KexAlgorithms(?:\s*=|\s)", re.IGNORECASE)


def first_options(arguments: Sequence[bytes], *, has_password: bool, sends_password: bool, light: str) -> list[bytes]:
    """Return the options for one host.

    *has_password* says that ssh is given a password, *sends_password* that any password travels to the host, *light*
    is what :func:`light_exchange` found or empty. The exchange of keys stays as the user configured it where a
    password is sent, and where *arguments* name one.
    """
    options = [*_NO_MASTER, *(_ONE_PASSWORD if has_password else _ASK_NOBODY)]
    if light and not sends_password and not any(_KEX.match(value) for value in option_values(arguments)):
        options += [b"-o", b"KexAlgorithms=" + light.encode("ascii")]
    return options


def light_exchange(executable: str) -> str:
    """Return the value of KexAlgorithms that is light for this ssh, or an empty text where it knows none.

    An ssh that does not know a name refuses to start, so it is asked first.
    """
    try:
        said = subprocess.run(
            [executable, "-Q", "kex"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=True,
            start_new_session=True,
        )
        known = set(said.stdout.decode("ascii", "replace").split())
        names = [name for name in (_POST_QUANTUM, _CHEAP) if name in known]
        value = f"^{','.join(names)}" if names else ""
        if value:
            # "^" came with OpenSSH 8.0.
            subprocess.run(
                [executable, "-G", "-o", f"KexAlgorithms={value}", "localhost"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROBE_SECONDS,
                check=True,
                start_new_session=True,
            )
    except (OSError, subprocess.SubprocessError):
        return ""
    return value


def jump_of(arguments: Sequence[bytes]) -> bytes:
    """Return what stands for the jump host that *arguments* name, or nothing. One in an ssh configuration file is not
    seen.
    """
    for value in option_values(arguments):
        match = _JUMP.match(value)
        if match and match[1].strip().lower() != b"none":
            return match[1].strip()
    for flag, value in zip(arguments, arguments[1:], strict=False):
        if flag == b"-J":
            return value
    return next((word[2:] for word in arguments if word.startswith(b"-J") and len(word) > 2), b"")


def names_a_jump_host(text: str) -> bool:
    """Return whether ssh arguments, written as for a shell, name a jump host."""
    try:
        return bool(jump_of([os.fsencode(word) for word in shlex.split(text)]))
    except ValueError:
        return False


def option_values(arguments: Sequence[bytes]) -> list[bytes]:
    """Return the values of all ``-o`` in *arguments*, whether they stand in the same word or in the next."""
    following = [value for flag, value in zip(arguments, arguments[1:], strict=False) if flag == b"-o"]
    return following + [word[2:] for word in arguments if word.startswith(b"-o") and len(word) > 2]
