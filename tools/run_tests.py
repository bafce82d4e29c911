# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the project's checks and tests, step by step, and say at the end what passed, what failed and what was left out.

Usage: run_tests.py check | test [STEP ...]

The output of each step goes to tests/output/STEP.log and, where it fails, to the terminal. Needs Python 3.8.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "tests" / "output"
COLLECTIONS = ROOT / ".cache" / "collections"
STAGE = ROOT / ".cache" / "stage" / "ansible_collections" / "fleetaudit" / "kernel_memory"
DIST = ROOT / ".cache" / "dist"


def venv(name, program):
    """The path of a program in a virtual environment."""
    return str(ROOT / ".venv" / name / "bin" / program)


def pytest(name, *paths):
    """A pytest command in an environment."""
    return [venv(name, "python"), "-m", "pytest", "-q", *paths]


OURS = "ansible_collections.fleetaudit.kernel_memory."
TYPED = [
    word for package in ("plugins.plugin_utils", "plugins.action", "plugins.filter") for word in ("-p", OURS + package)
]
CODE = ["plugins", "tests", "tools", "benchmarks"]

CHECK = {
    "ruff": [venv("lint", "ruff"), "check", *CODE],
    "format": [venv("lint", "ruff"), "format", "--check", "--quiet", *CODE],
    "mypy": [venv("lint", "mypy"), *TYPED],
    "yamllint": [venv("lint", "yamllint"), "--strict", "."],
    "structure": pytest("newest", "tests/structure"),
    "unit-newest": pytest("newest", "-n", "2", "tests/unit"),
}
TEST = {
    **CHECK,
    "unit-oldest": pytest("oldest", "-n", "2", "tests/unit"),
    "history": pytest("newest", "tests/history"),
    "host-pythons": pytest("oldest", "tests/host_pythons"),
    "shell": pytest("newest", "tests/shell"),
    "growth": pytest("newest", "tests/growth"),
    "privileges": pytest("newest", "tests/privileges"),
    "integration-newest": pytest("newest", "tests/integration"),
    "integration-oldest": pytest("oldest", "tests/integration"),
    "fleet-newest": pytest("newest", "tests/fleet"),
    "fleet-oldest": pytest("oldest", "tests/fleet"),
    "fanout-newest": pytest("newest", "tests/fanout"),
    "fanout-oldest": pytest("oldest", "tests/fanout/test_parity.py", "tests/fanout/test_modes.py"),
    "gate-newest": pytest("newest", "tests/gate"),
    "gate-oldest": pytest("oldest", "tests/gate"),
    "awx": pytest("newest", "tests/awx"),
    "browser": pytest("browser", "tests/browser"),
    "package": pytest("newest", "tests/package"),
    "sanity-newest": ["sh", "tools/sanity.sh", "newest"],
    "sanity-oldest": ["sh", "tools/sanity.sh", "oldest"],
    "ansible-lint": [
        "sh",
        "tools/staged.sh",
        venv("lint", "ansible-lint"),
        "--offline",
        "--strict",
        "--profile",
        "production",
    ],
    "changelog": [venv("lint", "antsibull-changelog"), "lint"],
    "docs": [
        "sh",
        "tools/staged.sh",
        venv("lint", "antsibull-docs"),
        "lint-collection-docs",
        "--plugin-docs",
        "--skip-rstcheck",
        ".",
    ],
    "importer": ["sh", "tools/importer.sh"],
}
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
}


def install_packages():
    """Install the programs that tests need, from Debian's packages, where they are missing and the user may."""
    missing = [
        package
        for program, package in PACKAGES.items()
        if not (glob.glob(program) if "*" in program else shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"))
    ]
    if not missing:
        return []
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return [
            "{}: not installed (needs root and apt-get), so the tests that need them fail".format(", ".join(missing))
        ]
    print("Installing {} ...".format(", ".join(missing)), flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing],
    ):
        said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return (
        []
        if said.returncode == 0
        else ["installing {} failed: {}".format(", ".join(missing), said.stdout.decode()[-300:])]
    )


def left_out():
    """What can't be tested here, one sentence each."""
    sentences = []
    if os.geteuid() != 0:
        sentences.append(
            "not root: the hosts of the SSH fleet that need another user, sudo or a root without Python are left out"
        )
    return sentences


def run(name, command):
    """Run one step and return whether it passed, its seconds and its numbers of tests passed and failed."""
    log = LOGS / (name + ".log")
    begun = time.monotonic()
    path = os.environ["PATH"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(COLLECTIONS),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "MYPYPATH": str(COLLECTIONS),
        "PATH": ":".join([*(str(Path(word).parent) for word in command if word.startswith(str(ROOT / ".venv"))), path]),
    }
    with log.open("wb") as handle:
        code = subprocess.call(
            command, cwd=str(ROOT), env=environment, stdout=handle, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
    text = log.read_text(errors="replace")
    passed, failed = (
        sum(map(int, re.findall(r"(\d+) " + word, text.splitlines()[-1] if text.strip() else "")))
        for word in ("passed", "failed")
    )
    is_pytest = "pytest" in command
    tests = f"  {passed + failed} tests" if is_pytest else ""
    print(f"{name:<20} {'ok    ' if code == 0 else 'FAILED'} {time.monotonic() - begun:6.0f} s{tests}", flush=True)
    if code != 0:
        print("\n".join(text.splitlines()[-60:]), flush=True)
    elif is_pytest:
        print("".join(line + "\n" for line in text.splitlines() if line.startswith("Left out: ")), end="", flush=True)
    return (code == 0, passed, failed) if is_pytest else (code == 0, int(code == 0), int(code != 0))


def main(arguments):
    """Run the steps of a set, or only those that are named."""
    sets = {"check": CHECK, "test": TEST}
    if not arguments or arguments[0] not in sets:
        sys.exit(__doc__)
    steps = sets[arguments[0]]
    unknown = [name for name in arguments[1:] if name not in steps]
    if unknown:
        sys.exit("run_tests: there is no step {}; there are {}.".format(", ".join(unknown), ", ".join(steps)))
    chosen = {name: steps[name] for name in (arguments[1:] or steps)}
    LOGS.mkdir(parents=True, exist_ok=True)
    notes = left_out() + (install_packages() if arguments[0] == "test" else [])
    environments = (
        ["lint", "newest"] if arguments[0] == "check" else ["lint", "newest", "oldest", "browser", "importer"]
    )
    if subprocess.call([sys.executable, str(ROOT / "tools" / "prepare.py"), *environments]) != 0:
        sys.exit(1)
    outcomes = {name: run(name, command) for name, command in chosen.items()}
    for note in notes:
        print("Left out: " + note)
    bad = [name for name, (ok, _passed, _failed) in outcomes.items() if not ok]
    if bad:
        print("Failed steps: {} (logs in tests/output/)".format(", ".join(bad)))
    passed = sum(passed for _ok, passed, _failed in outcomes.values())
    failed = max(len(bad), sum(failed for _ok, _passed, failed in outcomes.values())) if bad else 0
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
