# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A helper that gives ssh a password, as ssh wants to have it: a program that prints it.

The program holds no password; ssh's environment does, which the same user and root can read, as they can Ansible's
own shared memory. It answers a prompt for a password alone, so that a question about a host's key gets no password.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from types import TracebackType

DEFAULT_PROMPT = "assword"

_SCRIPT = """#!/bin/sh
case "$1" in
*"$KERNEL_MEMORY_SSH_PROMPT"*) printf '%s\\n' "$KERNEL_MEMORY_SSH_PASSWORD" ;;
*) exit 1 ;;
esac
"""


class Askpass:
    """The helper, in a file that is there from the first password to the end."""

    def __init__(self, folder: str) -> None:
        self._folder, self._path = folder, ""

    def environment(self, password: str, prompt: str, base: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of an ssh that shall be given *password* when it asks with *prompt*."""
        if not self._path:
            handle, self._path = tempfile.mkstemp(prefix="askpass-", dir=self._folder)
            with os.fdopen(handle, "w") as file:
                file.write(_SCRIPT)
            os.chmod(self._path, 0o700)
        return {
            **base,
            "SSH_ASKPASS": self._path,
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": base.get("DISPLAY") or "-",
            "KERNEL_MEMORY_SSH_PROMPT": prompt or DEFAULT_PROMPT,
            "KERNEL_MEMORY_SSH_PASSWORD": password,
        }

    def __enter__(self) -> Askpass:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._path:
            os.unlink(self._path)
