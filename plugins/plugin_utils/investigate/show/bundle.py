# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle for a vendor's support case: readings, versions, modules and taint; no command lines, no environment.

With pseudonyms, hosts, processes, units and control groups are called ``host-1``, ``process-1`` and so on. The answer
is then worked out again from the readings with these names, so that no sentence can tell the old ones.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence

from ..asking import understood
from ..document import failed_document, host_document, is_investigation
from ..settings import Settings
from ..shapes import HostShape, InvestigatedHost, InvestigationShape
from ..whole import investigation, investigation_text
from .pseudonyms import Pseudonyms
from .ticket import ticket

README = """\
Who makes kernel memory grow: readings of {number} hosts, made by the Ansible collection fleetaudit.kernel_memory.

investigation.json   the answers, with the readings that they were worked out from
investigation.md     the same for people
modules.txt          the modules of each host with their marks
                     (O: from outside of the kernel's sources, E: unsigned, P: proprietary)
versions.txt         kernel, architecture, CPUs and taint of each host

It holds no command lines, no environment and no content of any memory. {names}
"""
REAL_NAMES = "Names of hosts, commands, units and control groups are the real ones."
PSEUDONYMS = "Names of hosts, commands, units and control groups are pseudonyms."


def bundle(document: InvestigationShape, *, pseudonyms: bool) -> tuple[bytes, dict[str, dict[str, str]]]:
    """Return the bundle as a ``.tar.gz``, and who is meant by each pseudonym (empty without them; it stays at home)."""
    hosts = list(document["hosts"])
    names = Pseudonyms()
    notes: Sequence[str] = document["notes"]
    if pseudonyms:
        hosts = [_renamed(host, names) for host in hosts]
        notes = ()
    whole = investigation(hosts, at=document["generated_at"], audit_run_id=None, notes=notes)
    answered = [host for host in hosts if is_investigation(host)]
    told = README.format(number=len(hosts), names=PSEUDONYMS if pseudonyms else REAL_NAMES)
    files = {
        "README.txt": told,
        "investigation.json": investigation_text(whole),
        "investigation.md": ticket(whole),
        "modules.txt": "".join(_modules(host) for host in answered),
        "versions.txt": "".join(_version(host) for host in answered),
    }
    return _packed(files), names.meant() if pseudonyms else {}


def _renamed(host: HostShape, names: Pseudonyms) -> HostShape:
    name = names.host(host["name"])
    if not is_investigation(host):
        return failed_document(name, host["outcome"], None, host["role"])
    kept = host["settings"]
    settings = Settings(
        busy=kept["busy"],
        dimensions=tuple(kept["dimensions"]),
        trace=kept["trace"],
        trace_seconds=kept["trace_seconds"],
    )
    readings = names.readings(host["readings"])
    return host_document(
        name,
        understood(readings, settings),
        settings,
        transport=host["transport"],
        at=host["asked_at"],
        seconds=host["seconds"],
        role=host["role"],
    )


def _modules(host: InvestigatedHost) -> str:
    rows = "".join(f"  {name} {marks}".rstrip() + "\n" for name, marks in host["machine"]["modules"])
    return f"{host['name']}\n{rows}"


def _version(host: InvestigatedHost) -> str:
    machine = host["machine"]
    return (
        f"{host['name']}\n  {machine['build']}\n  {machine['architecture']}, {machine['cpus']} CPUs, taint "
        f"{machine['taint']}\n"
    )


def _packed(files: Mapping[str, str]) -> bytes:
    """Return files as a compressed archive, the same bytes for the same files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, content in sorted(files.items()):
            data = content.encode("utf-8")
            entry = tarfile.TarInfo(f"kernel-memory-investigation/{name}")
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)


def names_text(meant: Mapping[str, Mapping[str, str]]) -> str:
    """Return who is meant by the pseudonyms, as JSON; not for the vendor."""
    return json.dumps(meant, indent=1, sort_keys=True, ensure_ascii=True) + "\n"
