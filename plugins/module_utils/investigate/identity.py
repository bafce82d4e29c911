# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a process is: its command, its user, its unit, and who started it. Never its command line or environment.

This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

FIELDS = re.compile(r"^(Name|Tgid|PPid|Uid):[ \t]*(.*)$", re.M)
UNITS = (".service", ".scope", ".socket", ".mount", ".swap")
UNIT = 120


def process(host, pid):
    """Return number, command, user, unit, parent and parent_command of a process or thread; None where it is gone."""
    fields = dict(FIELDS.findall(host.text("proc/%d/status" % pid, 8192)))
    if "Name" not in fields:
        return None
    leader = _number(fields.get("Tgid"), pid)
    if leader != pid:
        fields = dict(FIELDS.findall(host.text("proc/%d/status" % leader, 8192))) or fields
    parent = _number(fields.get("PPid"), 0)
    return {
        "pid": leader,
        "command": fields["Name"],
        "user": _number((fields.get("Uid") or "").split(None, 1)[0] if fields.get("Uid") else None, None),
        "unit": unit(host.text("proc/%d/cgroup" % leader, 16384)),
        "parent": parent,
        "parent_command": host.text("proc/%d/comm" % parent, 64).strip() or None if parent else None,
    }


def unit(text):
    """Return the systemd unit in the text of ``/proc/PID/cgroup``, else the name of its deepest group, else None."""
    paths = [line.split(":", 2)[2] for line in text.splitlines() if line.count(":") >= 2]
    names = [name for path in paths for name in reversed(path.split("/"))]
    for name in names:
        if name.endswith(UNITS) and not name.startswith("user@"):
            return name[:UNIT]
    deepest = [path.rpartition("/")[2] for path in paths if path.strip("/")]
    return deepest[0][:UNIT] if deepest else None


def _number(word, otherwise):
    try:
        return int(word)
    except (TypeError, ValueError):
        return otherwise
