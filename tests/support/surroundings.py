# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test and every program that it starts finds around it: the same, whoever runs the tests and wherever."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache" / "collections"
SHORT = "/tmp"
SETTINGS_OF_PROGRAMS = ("ANSIBLE_", "KERNEL_MEM", "AWX_", "TOWER_", "CONTROLLER_", "PG", "LC_", "GIT_", "SSH_")
SETTINGS = ("LANG", "LANGUAGE", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONOPTIMIZE")


def settle(home: Path) -> None:
    """Set aside the user's settings, locale and umask, and live in *home*, which is empty, from now on."""
    # Where other Pythons are is no setting, and is looked for below the true home.
    os.environ.setdefault("PYENV_ROOT", str(Path("~/.pyenv").expanduser()))
    for name in list(os.environ):
        if name.startswith(SETTINGS_OF_PROGRAMS) or name in SETTINGS:
            del os.environ[name]
    (home / "python").symlink_to(sys.executable)
    no_settings = home / "ansible.cfg"
    no_settings.write_text("")
    nearby = [name for name in os.environ.get("no_proxy", "").split(",") if name]
    os.environ |= {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_CONFIG": str(no_settings),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_NOCOLOR": "true",
        "no_proxy": ",".join([*nearby, "localhost", "127.0.0.1"]),
        # A checkout may be another user's.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    os.umask(0o022)


def this_python() -> str:
    """The Python that runs the tests, under a name without blanks: an interpreter of Ansible's is words, not a path. It
    has the standard library only.
    """
    return f"{os.environ['HOME']}/python"


def open_to_all(path: Path) -> bool:
    """Whether every user can come to *path*."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def place_for_servers(prefix: str = "kernel-memory-") -> tempfile.TemporaryDirectory[str]:
    """A new folder, removed at its end, where servers and hosts of a test can live: other users can come to it, and
    its path is short and has no sign that would need quotes, since sockets, sshd and shells want it so.
    """
    usual = Path(tempfile.gettempdir())
    good = len(str(usual)) <= 20 and " " not in str(usual) and open_to_all(usual)
    made = tempfile.TemporaryDirectory(prefix=prefix, dir=usual if good else SHORT, ignore_cleanup_errors=True)
    Path(made.name).chmod(0o755)
    return made


def for_everybody(folder: Path) -> None:
    """Let every user read all that is in a folder: a checkout may have been made under another umask."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
