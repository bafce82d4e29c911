# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the next version of the checkout: its number where it stands, and the change log of the fragments.

Usage: .venv/lint/bin/python tools/release.py VERSION [YYYY-MM-DD]     (prepare.py lint makes the environment)

It changes files and commits nothing. CONTRIBUTING.md says what comes before and after it.
"""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
LINE = re.compile(r"^version: (\S+)$", re.MULTILINE)
STATED = Path("plugins", "plugin_utils", "model", "version.py")
"""Where the code says the version of galaxy.yml, as every report does."""


def main(arguments: Sequence[str], checkout: Path = ROOT) -> int:
    """Make it, and say what comes next; or say what is wrong and change nothing."""
    try:
        version, day = asked(arguments)
        galaxy = checkout / "galaxy.yml"
        text = galaxy.read_text(encoding="utf-8")
        check(version, text, checkout)
    except ValueError as exc:
        print(f"release: {exc}", file=sys.stderr)
        return 1
    stated = checkout / STATED
    before = {galaxy: text, stated: stated.read_text(encoding="utf-8")}
    galaxy.write_text(LINE.sub(f"version: {version}", text), encoding="utf-8")
    stated.write_text(
        re.sub(r'^VERSION = ".*"$', f'VERSION = "{version}"', before[stated], flags=re.M), encoding="utf-8"
    )
    program = Path(sys.executable).parent / "antsibull-changelog"
    said = subprocess.run(
        [program, "release", "-v", "--version", version, "--date", day.isoformat()],
        cwd=checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if said.returncode:
        for path, was in before.items():
            path.write_text(was, encoding="utf-8")
        print(f"release: antsibull-changelog failed, and the version is as it was:\n{said.stdout}", file=sys.stderr)
        return 1
    print(f"{version} is made of the fragments. Read CHANGELOG.md, commit, and tag the commit {version}.")
    return 0


def asked(arguments: Sequence[str]) -> tuple[str, datetime.date]:
    """Return the version and the day that were given. Raises ValueError where they are neither."""
    if len(arguments) not in (1, 2) or not VERSION.fullmatch(arguments[0]):
        raise ValueError("give a version such as 1.2.0, and a day where it is not today.")
    try:
        return arguments[0], datetime.date.fromisoformat(arguments[1]) if arguments[1:] else datetime.date.today()
    except ValueError:
        raise ValueError(f"{arguments[1]} is no day of the form YYYY-MM-DD.") from None


def check(version: str, galaxy: str, checkout: Path) -> None:
    """Raise ValueError where the version is not after the one of galaxy.yml, or nothing has changed since that."""
    found = LINE.search(galaxy)
    if not found:
        raise ValueError("galaxy.yml has no line that begins with version.")
    if parts(version) <= parts(found[1]):
        raise ValueError(f"{version} is not after {found[1]}, which galaxy.yml has.")
    if not list((checkout / "changelogs" / "fragments").glob("*.yml")):
        raise ValueError("there is no fragment in changelogs/fragments, so nothing has changed.")


def parts(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to compare it."""
    return tuple(int(part) for part in version.split("."))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
