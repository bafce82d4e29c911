# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the system that tests need: installed from Debian's packages where they are missing and root asks."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess

PACKAGES = {
    "sshd": "openssh-server",
    "busybox": "busybox-static",
    "sudo": "sudo",
    "chromium": "chromium",
    "shellcheck": "shellcheck",
    "gawk": "gawk",
    "mawk": "mawk",
    "original-awk": "original-awk",
    "/usr/lib/postgresql/*/bin/initdb": "postgresql",
    "prometheus": "prometheus",
    "prometheus-node-exporter": "prometheus-node-exporter",
    "sadf": "sysstat",
    "netdata": "netdata-core",
}


def is_there(program: str) -> bool:
    """Whether a program, or a file of that pattern, is installed."""
    if "*" in program:
        return bool(glob.glob(program))
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin") is not None


def install() -> list[str]:
    """Install what is missing; return a sentence where that can't be."""
    missing = [package for program, package in PACKAGES.items() if not is_there(program)]
    if not missing:
        return []
    names = ", ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return [f"Left out: {names} is not installed (that needs root and apt-get), so the tests that need it fail."]
    print(f"Installing {names} ...", flush=True)
    said = None
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *missing]):
        said = subprocess.run(
            ["apt-get", *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if said is None or said.returncode == 0:
        return []
    return [f"Left out: installing {names} failed: {said.stdout.decode(errors='replace')[-300:]}"]


def left_out() -> list[str]:
    """What can't be tested here, one sentence each."""
    if os.geteuid() == 0:
        return []
    return [
        "Left out: hosts of the SSH fleet that need another user, sudo or a root without Python (this is not root)."
    ]
