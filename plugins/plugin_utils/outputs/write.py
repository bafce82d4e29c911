# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the outputs of an audit to a folder, each completely or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json, hosts_csv, report_html

RENDERERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "audit.json": audit_json.render,
    "hosts.csv": hosts_csv.render,
    "report.html": report_html.render,
}


def check_outputs(wanted: Sequence[str]) -> None:
    """Raise ValueError if one of the *wanted* outputs is not known."""
    unknown = [name for name in wanted if name not in RENDERERS]
    if unknown:
        raise ValueError(f"The outputs {', '.join(map(repr, unknown))} are not known; known are {', '.join(RENDERERS)}.")


def write_outputs(audit: Mapping[str, Any], directory: str, wanted: Sequence[str]) -> dict[str, str]:
    """Write the *wanted* outputs of *audit* to *directory* and return the path of each.

    All are made before the first is written. Each goes to a temporary file in the folder and is then renamed, so a reader
    never sees half of one. Raises ValueError for an unknown output, and where the folder or a file can't be written.
    """
    check_outputs(wanted)
    texts = {name: RENDERERS[name](audit) for name in dict.fromkeys(wanted)}
    try:
        os.makedirs(directory, exist_ok=True)
    except OSError as exc:
        raise ValueError(f"The folder {directory} for the report can't be made: {exc.strerror}.") from exc
    return {name: _replace(os.path.join(directory, name), text.encode("utf-8")) for name, text in texts.items()}


def _replace(path: str, content: bytes) -> str:
    """Put *content* at *path* in one step, readable as the umask allows, and return the path."""
    folder, name = os.path.split(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(temporary, 0o644 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as exc:
        raise ValueError(f"The output {path} can't be written: {exc.strerror}.") from exc
    return path


def _umask() -> int:
    # There is no way to read the umask without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
