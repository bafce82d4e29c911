# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the outputs of an audit to a folder, each completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..audit.audit import Audit
from ..files import atomic
from ..files.atomic import Unfinished, unfinished
from . import audit_json, findings_csv, hosts_csv, hosts_jsonl, junit_xml, metrics_prom, summary_md
from .file_modes import Modes
from .page import page as report_html

Rendered = str | Iterable[str]
Render = Callable[[Audit], Rendered]

RENDERERS: dict[str, Render] = {
    "audit.json": audit_json.pieces,
    "hosts.csv": hosts_csv.pieces,
    "report.html": report_html.pieces,
    "findings.csv": findings_csv.pieces,
    "summary.md": summary_md.render,
    "junit.xml": junit_xml.pieces,
    "metrics.prom": metrics_prom.pieces,
    "hosts.jsonl": hosts_jsonl.pieces,
}
"""What can be written, by name. A renderer returns the whole text or, where it may be long, its pieces one after the
other.
"""

FIRST = ("audit.json", "report.html")
"""What is written before all else: from the first, anything else can be made again."""

JUNIT_WARNINGS = junit_xml.WARNINGS
LONGEST_FILE_NAME = 200


@dataclass(frozen=True, slots=True)
class Written:
    """The paths of the outputs that were written, by output, and a sentence on each that was not."""

    paths: dict[str, str]
    problems: list[str]


def check_outputs(wanted: Sequence[str], names: Mapping[str, str] | None = None) -> None:
    """Raise ValueError if one of the *wanted* outputs is not known, or if one of the file *names* can't be used.

    *names* maps outputs to file names of their own; outputs that are not in it are called as they are.
    """
    unknown = [name for name in (*wanted, *(names or {})) if name not in RENDERERS]
    if unknown:
        raise ValueError(
            f"The outputs {', '.join(map(repr, unknown))} are not known; known are {', '.join(RENDERERS)}."
        )
    for output, name in (names or {}).items():
        if not _is_file_name(name):
            raise ValueError(
                f"The file name {str(name)[:120]!r} of {output} can't be used; give a name without a folder and "
                "control characters, "
                f"not beginning with '.', of at most {LONGEST_FILE_NAME} bytes."
            )
    outputs: dict[str, str] = {}
    for output in dict.fromkeys(wanted):
        name = file_name(output, names)
        if name in outputs:
            raise ValueError(
                f"The outputs {outputs[name]} and {output} would both be written to {name}; give one of them another "
                "name."
            )
        outputs[name] = output


def file_name(output: str, names: Mapping[str, str] | None = None) -> str:
    """Return the name of the file that an output is written to."""
    return (names or {}).get(output, output)


def write_outputs(
    audit: Audit,
    directory: str,
    wanted: Sequence[str],
    names: Mapping[str, str] | None = None,
    *,
    junit_warnings: str = "pass",
    modes: Modes | None = None,
) -> Written:
    """Write the *wanted* outputs of *audit* to *directory*: audit.json first, then the page, then the rest.

    Each goes to a temporary file in the folder, piece by piece; only when it is complete, it gets its name. So a reader
    never sees half of one, and one that can't be written leaves what was there and costs itself alone. *names* are as
    for :func:`check_outputs`; *junit_warnings* says what a warning is in junit.xml. Raises ValueError for an unknown
    output or name, and where the folder can't be made.
    """
    check_outputs(wanted, names)
    if junit_warnings not in JUNIT_WARNINGS:
        raise ValueError(f"junit_warnings is {junit_warnings!r}; it must be one of {', '.join(JUNIT_WARNINGS)}.")
    modes = modes or Modes.of(None)
    make_folder(directory, modes)
    written = Written({}, [])
    for output in sorted(dict.fromkeys(wanted), key=lambda one: FIRST.index(one) if one in FIRST else len(FIRST)):
        path = os.path.join(directory, file_name(output, names))
        text = junit_xml.pieces(audit, junit_warnings) if output == "junit.xml" else RENDERERS[output](audit)
        try:
            write_files({path: text}, modes)
        except Exception as exc:
            # Whatever is wrong with one output must not cost the others.
            said = str(exc) if path in str(exc) else f"The output {path} can't be made: {type(exc).__name__}: {exc}."
            written.problems.append(said)
        else:
            written.paths[output] = path
    return written


def write_files(texts: Mapping[str, Rendered], modes: Modes | None = None) -> list[str]:
    """Write texts to the paths that they are given by, all or none, and return the paths. Folders are made where
    they are missing.
    """
    for directory in dict.fromkeys(map(os.path.dirname, texts)):
        make_folder(directory or ".", modes)
    written: dict[str, Unfinished] = {}
    try:
        for path, text in texts.items():
            written[path] = _written(path, text, modes)
        for path in texts:
            # Nothing else stops a file that is written already from getting its name.
            if os.path.isdir(path) and not os.path.islink(path):
                raise _not_written(path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
        for path in texts:
            try:
                written[path].move_to(path)
            except OSError as exc:
                raise _not_written(path, exc) from exc
    finally:
        for one in written.values():
            one.drop()
    return list(texts)


def make_folder(directory: str, modes: Modes | None = None) -> None:
    """Make the folder of a report, with those that it lies in; of one that is there the mode stays. Raises ValueError
    where that fails.
    """
    mode, missing = (modes or Modes.of(None)).folder, list[str]()
    parent = os.path.abspath(directory)
    while not os.path.lexists(parent):
        missing.append(parent)
        parent = os.path.dirname(parent)
    try:
        for path in reversed(missing):
            with contextlib.suppress(FileExistsError):  # by another run at the same time
                os.mkdir(path, mode)
                os.chmod(path, mode)
        os.makedirs(directory, exist_ok=True)
    except OSError as exc:
        raise ValueError(f"The folder {directory} for the report can't be made: {exc.strerror}.") from exc


def replace_file(path: str, content: bytes) -> str:
    """Put *content* at *path* in one step, and return the path. Raises ValueError where that fails."""
    try:
        atomic.replace_file(path, content)
    except OSError as exc:
        raise _not_written(path, exc) from exc
    return path


def _written(path: str, content: Rendered, modes: Modes | None) -> Unfinished:
    """Write *content* beside *path* and return it, as yet without its name."""
    try:
        return unfinished(path, content, (modes or Modes.of(None)).file)
    except OSError as exc:
        raise _not_written(path, exc) from exc


def _not_written(path: str, exc: OSError) -> ValueError:
    return ValueError(f"The output {path} can't be written: {exc.strerror}.")


def _is_file_name(name: object) -> bool:
    if not isinstance(name, str) or not name or name.startswith(".") or not name.isprintable():
        return False
    return not set("/\\") & set(name) and len(name.encode("utf-8")) <= LONGEST_FILE_NAME
