# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Children of a worker whose time is over end with it; nobody else does."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport import children

WORKER = """
import json, subprocess, threading
quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
begun = [subprocess.Popen(["sleep", "600"], **quiet)]
thread = threading.Thread(target=lambda: begun.append(subprocess.Popen(["sleep", "600"], **quiet)))
thread.start()
thread.join()
ended = end_children()
print(json.dumps([ended == sorted(one.pid for one in begun), [one.wait() for one in begun], end_children()]))
"""


def test_children_end_whichever_thread_has_started_them() -> None:
    """In a process of its own: this one has children that others need. A second call finds none."""
    worker = [sys.executable, "-c", inspect.getsource(children) + WORKER]
    outside = subprocess.Popen(["sleep", "600"])
    try:
        said = subprocess.run(worker, capture_output=True, text=True, check=True)
        assert json.loads(said.stdout) == [True, [-15, -15], []]
        assert outside.poll() is None
    finally:
        outside.kill()
        outside.wait()
