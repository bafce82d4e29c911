# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host is not ours alone: what others trace stays as it is, what would suffer is left alone, and every Python that a
host may have will do.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import trace as tracing
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.files import Host
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.answer import answer
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import (
    Readings,
    ask_all,
    understood,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.trace_plan import plans
from ansible_collections.fleetaudit.kernel_memory.tests.host_pythons.test_host_pythons import PYTHONS
from ansible_collections.fleetaudit.kernel_memory.tests.investigate.asking_here import QUICK, ask_here, leak
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT

FAST = replace(QUICK, windows=2, window_seconds=0.5, trace_seconds=0.5, trace_always=True)
BOUNDS = {"load_per_cpu": 1000.0, "pressure_percent": 100.0, "available_percent": 0.0}


def state(folder: Path) -> dict[str, str]:
    """What somebody has set in a trace buffer."""
    names = (
        "events/kmem/kfree/enable",
        "events/kmem/kfree/filter",
        "events/kmem/kmalloc/trigger",
        "buffer_size_kb",
        "tracing_on",
        "current_tracer",
        "trace_clock",
        "options/overwrite",
    )
    return {name: (folder / name).read_text() for name in names}


def test_what_others_trace_stays_as_it_is(tracefs: Path) -> None:
    """The global buffer and an instance of somebody else: filters, sizes, clocks, and no event of ours in them."""
    other = tracefs / "instances" / "somebody-else"
    other.mkdir()
    try:
        for name, value in (
            ("buffer_size_kb", "512"),
            ("events/kmem/kfree/filter", "ptr == 1"),
            ("events/kmem/kfree/enable", "1"),
        ):
            (other / name).write_text(value)
        before = state(tracefs), state(other)
        with leak("page_tables", 4 << 20):
            said = ask_all(ask_here, FAST)
        assert said.readings["trace"]["traces"], said.readings["trace"]
        assert (state(tracefs), state(other)) == before
        assert "kmalloc" not in (other / "trace").read_text()
    finally:
        (other / "events" / "kmem" / "kfree" / "enable").write_text("0")
        other.rmdir()


@pytest.mark.parametrize("dimension", [name for name in DIMENSIONS if name != "hugetlb"])
def test_this_kernel_takes_every_filter(dimension: str, tracefs: Path) -> None:
    """Also thinned out to one address in eight; an event without its filter would be all of the kernel's."""
    told = ask_all(ask_here, replace(FAST, trace=False, trace_always=False))
    looked = ask_here(
        {
            "question": "look",
            "deadline": 20,
            "wanted": {"caches": ["kmalloc-2k", "filp", "dentry"], "processes": [], "names": [], "sockets": []},
        }
    )
    rows = [[name, [1, 10**6, 2 * 10**6]] for name in ("kmalloc-2k", "filp", "dentry")]
    watched = {**told.readings["watch"], "growing": {"cache": rows}, "times": [0.0, 1.0, 2.0]}
    found = understood({"watch": watched, "look": looked}, FAST).answer
    [plan] = plans(found.readings.watched, found.growing, found.readings.looked, [dimension])
    host = Host(seconds=60)
    for mask in (0, 7):
        recording = tracing.Recording(host, str(tracefs), plan.plain(), mask, 256)
        said = recording.run(0.2, 10**6)
        assert said["removed"]
        assert len(said["on"]) == len(plan.steps), (said["on"], [step.event for step in plan.steps])
        for step, on in zip(plan.steps, said["on"], strict=True):
            assert on.startswith(step.event)
            assert step.thin is None or mask == 0 or "& " in on


@pytest.mark.parametrize(
    ("changed", "reason"), [({"load_per_cpu": 0.0}, "load"), ({"available_percent": 101.0}, "memory")]
)
def test_a_host_that_would_suffer_is_not_traced(changed: dict[str, float], reason: str, tracefs: Path) -> None:
    """Nothing is even made, and the answer says which figure it was."""
    said = ask_here(
        {"question": "trace", "plans": [], "bounds": {**BOUNDS, **changed}, "deadline": 10, "seconds": 1, "events": 1}
    )
    assert said["refused"][0] == reason


def test_memory_pressure_is_a_reason(tmp_path: Path) -> None:
    """By what the kernel says of the last ten seconds, and by what the buffers of all CPUs could take."""
    files = {
        "loadavg": "0.10 0 0 1/10 9\n",
        "pressure/memory": "some avg10=31.25 avg60=0 avg300=0 total=1\nfull avg10=9 avg60=0 avg300=0 total=1\n",
        "meminfo": "MemTotal: 16000000 kB\nMemAvailable: 15000000 kB\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    host = Host(str(tmp_path), str(tmp_path), 10)
    assert tracing.refusal(host, {**BOUNDS, "pressure_percent": 10.0}) == ["pressure", 31.25, 10.0]
    assert tracing.refusal(host, BOUNDS) is None
    (tmp_path / "meminfo").write_text("MemTotal: 64000 kB\nMemAvailable: 9000 kB\n")
    said = tracing.refusal(host, BOUNDS)
    assert said is not None and said[0] == "memory_for_cpus"


def test_where_no_tracefs_is_mounted_nothing_is_mounted() -> None:
    """In a mount namespace without it, as on a minimal system."""
    program = (
        "umount -a -t tracefs; exec python3 -c \"import json,sys;sys.path.insert(0,'.cache/collections');"
        "from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.ask import ask;"
        "print(json.dumps(ask({'question':'look','deadline':20,"
        "'wanted':{'caches':[],'processes':[],'names':[],'sockets':[]}})['tracing']['reason']))\""
    )
    said = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", program],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout.strip() == '"not_mounted"', said.stderr


@pytest.mark.parametrize("version", [one for one in PYTHONS if IS_NIGHT or one in ("2.7", "3.6", "3.13")])
def test_any_python_of_a_host_will_do(version: str, tracefs: Path) -> None:
    """From 2.7 up: all questions, by the program that travels."""
    with leak("page_tables", 6 << 20) as pid:
        said = ask_all(lambda request: ask_here(request, PYTHONS[version]), FAST)
    assert said.not_traced is None and said.readings["trace"]["refused"] is None, said.readings.get("trace")
    found = answer(Readings(said.answer.readings.watched, said.answer.readings.looked))
    assert pid in [one.process.pid for one in found.culprits if one.process]
    assert said.readings["trace"]["traces"][0]["not_read"] == 0
    assert said.readings["trace"]["traces"][0]["read"] > 0
