# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is run by ``make check``, ``make test`` and ``make nightly``: each step with its command and what it needs.

CONTRIBUTING.md says what each step protects, and why it runs on one ansible-core or on both.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = "ansible_collections.fleetaudit.kernel_memory."
NIGHT = 8 * 3600
CODE = ("plugins", "cli", "tests", "tools", "benchmarks")


@dataclass(frozen=True)
class Step:
    """One command. Steps run side by side, the longest first."""

    name: str
    command: tuple[str, ...]
    cpu_seconds: int
    """About how much it takes, as measured; it says nothing but which steps begin first."""
    alone: bool = False
    """It watches the memory of the whole machine, which no other step may move meanwhile."""
    environment: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    """The virtual environments that its script uses."""
    limit_seconds: int = 2400
    """It is ended after so long: far more than it takes on a busy machine."""

    @property
    def is_pytest(self) -> bool:
        """Whether it counts tests."""
        return "pytest" in self.command


def program(environment: str, name: str) -> str:
    """The path of a program in a virtual environment."""
    return str(ROOT / ".venv" / environment / "bin" / name)


def pytest(name: str, environment: str, cpu_seconds: int, *arguments: str, alone: bool = False) -> Step:
    """A step of tests, in an environment."""
    command = (program(environment, "python"), "-m", "pytest", "-q", "--durations=30", "--durations-min=1", *arguments)
    return Step(name, command, cpu_seconds, alone)


def tool(name: str, environment: str, cpu_seconds: int, command: str, *arguments: str) -> Step:
    """A step that runs a program of an environment."""
    return Step(name, (program(environment, command), *arguments), cpu_seconds)


def staged(name: str, environment: str, cpu_seconds: int, command: str, *arguments: str) -> Step:
    """A step that runs a program in a copy that lies where Ansible's own tools demand it."""
    return Step(name, ("sh", "tools/staged.sh", program(environment, command), *arguments), cpu_seconds)


def cache(name: str) -> tuple[str, str]:
    """Options of mypy for a cache of its own, since several run at once."""
    return ("--cache-dir", f".mypy_cache/{name}")


def at_night(step: Step) -> Step:
    """The step with as many examples and kills as a night is long enough for."""
    return replace(step, environment={"HYPOTHESIS_PROFILE": "nightly"}, limit_seconds=NIGHT)


TYPED = ("plugin_utils", "action", "callback", "filter", "inventory", "lookup")
PACKAGES = [word for name in TYPED for word in ("-p", f"{OURS}plugins.{name}")]
COLLECTION = ".cache/collections/ansible_collections/fleetaudit/kernel_memory"
HELPERS = sorted(
    f"{COLLECTION}/{path.relative_to(ROOT)}"
    for path in (ROOT / "tests").rglob("*.py")
    if not path.name.startswith("test_")
)
SCRIPTS = sorted(str(path.relative_to(ROOT)) for path in (*(ROOT / "tools").glob("*.sh"), ROOT / ".ci" / "run"))
TOOLS = sorted(str(path.relative_to(ROOT)) for name in ("cli", "tools") for path in (ROOT / name).rglob("*.py"))

CHECK = (
    tool("ruff", "lint", 1, "ruff", "check", *CODE),
    tool("format", "lint", 1, "ruff", "format", "--check", "--quiet", *CODE),
    tool("mypy", "lint", 20, "mypy", *cache("plugins"), *PACKAGES),
    tool("mypy-tests", "lint", 20, "mypy", *cache("tests"), *HELPERS),
    tool("mypy-tools", "lint", 10, "mypy", *cache("tools"), *TOOLS),
    tool("yamllint", "lint", 1, "yamllint", "--strict", "."),
    pytest("structure", "newest", 15, "tests/structure"),
    pytest("unit-newest", "newest", 116, "tests/unit"),
)
# On the oldest ansible-core, and the oldest Python that there is: what Ansible has a part in, and of the pure code,
# which has none of Ansible, that it runs on that Python.
OLDEST = (
    replace(
        pytest("unit-oldest", "oldest", 60, "-m", "not once", "tests/unit"), environment={"HYPOTHESIS_PROFILE": "few"}
    ),
    pytest("integration-oldest", "oldest", 110, "tests/integration"),
    pytest("host-pythons", "oldest", 17, "tests/host_pythons"),
    pytest("fleet-oldest", "oldest", 10, "tests/fleet"),
    pytest("acting-oldest", "oldest", 40, "tests/acting"),
    pytest(
        "fanout-oldest", "oldest", 60, "-m", "not once", "tests/fanout/test_parity.py", "tests/fanout/test_modes.py"
    ),
    pytest("gate-oldest", "oldest", 110, "-m", "not once", "tests/gate"),
    Step("sanity-oldest", ("sh", "tools/sanity.sh", "oldest"), 150, needs=("oldest", "newest")),
)
TEST = (
    *CHECK,
    *OLDEST,
    pytest("integration-newest", "newest", 120, "tests/integration"),
    pytest("fleet-newest", "newest", 10, "tests/fleet"),
    pytest("acting-newest", "newest", 40, "tests/acting"),
    pytest("fanout-newest", "newest", 85, "tests/fanout"),
    pytest("gate-newest", "newest", 215, "tests/gate"),
    Step("sanity-newest", ("sh", "tools/sanity.sh", "newest"), 170, needs=("newest",)),
    pytest("history", "newest", 10, "tests/history"),
    pytest("imports", "newest", 40, "tests/imports"),
    pytest("shell", "newest", 19, "tests/shell"),
    pytest("awx", "newest", 110, "tests/awx"),
    pytest("browser", "newest", 100, "tests/browser"),
    pytest("cli", "newest", 20, "tests/cli"),
    replace(pytest("package", "newest", 30, "tests/package"), needs=("dist", "site")),
    replace(pytest("tools", "newest", 40, "tests/tools"), needs=("lint",)),
    replace(pytest("guides", "newest", 200, "tests/docs"), needs=("audit",)),
    Step("shellcheck", ("shellcheck", *SCRIPTS), 1),
    staged("ansible-lint", "lint", 25, "ansible-lint", "--offline", "--strict", "--profile", "production"),
    tool("reuse", "dist", 3, "reuse", "lint", "--quiet"),
    tool("changelog", "lint", 2, "antsibull-changelog", "lint"),
    staged("docs", "lint", 6, "antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "."),
    Step("importer", ("sh", "tools/importer.sh"), 40, needs=("importer", "newest")),
    pytest("privileges", "newest", 2, "tests/privileges", alone=True),
    pytest("growth", "newest", 25, "tests/growth", alone=True),
    pytest("investigate", "newest", 120, "tests/investigate", alone=True),
)

MORE_AT_NIGHT = ("unit-newest", "history", "fanout-newest", "investigate", "sanity-oldest", "sanity-newest")
NIGHTLY = (
    # What tries more at night instead of as often as by day.
    *(step for step in TEST if step.name not in MORE_AT_NIGHT),
    Step("sanity-oldest-every", ("sh", "tools/sanity.sh", "oldest", "every"), 300, needs=("oldest", "newest")),
    Step("sanity-newest-every", ("sh", "tools/sanity.sh", "newest", "every"), 270, needs=("newest",)),
    at_night(pytest("unit-nightly", "newest", 7000, "-n", str(len(os.sched_getaffinity(0))), "tests/unit")),
    at_night(pytest("history-nightly", "newest", 200, "tests/history")),
    at_night(pytest("fanout-nightly", "newest", 900, "tests/fanout")),
    at_night(pytest("gate-nightly", "newest", 5400, "tests/gate/test_kills.py")),
    at_night(pytest("investigate-nightly", "newest", 4000, "tests/investigate", alone=True)),
    replace(tool("coverage", "coverage", 300, "python", "tools/branches.py"), limit_seconds=NIGHT),
    # A sample, since all would take a whole night; about 1.5 s for each, and six minutes for what no sample shortens.
    replace(
        tool("mutation", "mutation", 2600, "python", "tools/mutate.py", "--sample", "1500"),
        limit_seconds=NIGHT,
        alone=True,
    ),
)


def environments(chosen: Sequence[Step]) -> list[str]:
    """The virtual environments that steps need."""
    folder = str(ROOT / ".venv")
    named = {word[len(folder) + 1 :].partition("/")[0] for step in chosen for word in step.command if folder in word}
    return sorted(named | {name for step in chosen for name in step.needs})
