# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a policy from a YAML or JSON file; errors name the file and, where they can, the line."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ..text.units import MIB
from .resolve import PolicyError, resolve_policy
from .schema import join_path

MAXIMUM_FILE_BYTES = MIB
_DEEPEST = 7


class _PolicyLoader(yaml.SafeLoader):
    """The safe loader, which also refuses a key that stands twice (YAML would take the last one silently)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Any, int] = {}
        for key_node, _value in node.value:
            key, line = getattr(key_node, "value", None), key_node.start_mark.line + 1
            if isinstance(key, str) and key in seen:
                problem = f"the key {key!r} stands twice, first in line {seen[key]}"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            if isinstance(key, str):
                seen[key] = line
        return super().construct_mapping(node, deep)

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """Return a date; one that is in no calendar stays text, so that it is told with its line and whatever else is
        wrong.
        """
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return self.construct_scalar(node)


_PolicyLoader.add_constructor("tag:yaml.org,2002:timestamp", _PolicyLoader.construct_yaml_timestamp)


def load_policy(path: str) -> dict[str, Any]:
    """Return the resolved policy of a file.

    Raises :class:`PolicyError` or :class:`ValueError`, both with the file's name.
    """
    return load_with_lines(path)[0]


def load_with_lines(path: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, int]]:
    """Return the resolved policy of a file, what stands in it, and the line of each key path; raises as
    :func:`load_policy`.
    """
    data, lines = _parsed(_text(path), path)
    try:
        return resolve_policy(data), data, lines
    except PolicyError as exc:
        raise PolicyError([_with_line(problem, lines) for problem in exc.problems], path) from None


def read_policy_file(path: str) -> dict[str, Any]:
    """Return what stands in a policy file, not yet resolved. Raises :class:`ValueError` with the file's name."""
    return _parsed(_text(path), path)[0]


def text_problems(text: str) -> list[str]:
    """Return everything that is wrong with the text of a policy file, each with its line where it has one."""
    if len(text.encode("utf-8", "replace")) > MAXIMUM_FILE_BYTES:
        return ["The text is larger than 1 MiB, so it can't be a policy."]
    if text.strip() and "\n" not in text and ":" not in text:
        return [
            "The text is no policy; if it is the path of one, give what stands there, with "
            "lookup('ansible.builtin.file', PATH)."
        ]
    try:
        data, lines = _parsed(text, "text")
    except ValueError as exc:
        return [str(exc)]
    try:
        resolve_policy(data)
    except PolicyError as exc:
        return [_with_line(problem, lines) for problem in exc.problems]
    return []


def _parsed(text: str, path: str) -> tuple[dict[str, Any], dict[str, int]]:
    try:
        loader = _PolicyLoader(text)
        try:
            node = loader.get_single_node()
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as exc:
        raise ValueError(f"The policy {path} is not valid YAML{_place(exc)}: {exc.problem or exc.context}.") from None
    except (yaml.YAMLError, ValueError) as exc:
        # Control characters, and dates or numbers that do not exist.
        raise ValueError(f"The policy {path} is not valid YAML: {' '.join(str(exc).split())}.") from None
    except RecursionError:
        raise ValueError(f"The policy {path} is nested too deeply.") from None
    if data is None:
        return {}, {}
    if not isinstance(data, dict):
        raise ValueError(f"The policy {path} must be a mapping that begins with keys such as 'environments:'.")
    return data, _lines(node)


def _text(path: str) -> str:
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(MAXIMUM_FILE_BYTES + 1)
    except OSError as exc:
        raise ValueError(f"The policy {path} can't be read: {exc.strerror}.") from None
    if len(content) > MAXIMUM_FILE_BYTES:
        raise ValueError(f"The policy {path} is larger than 1 MiB, so it can't be a policy.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"The policy {path} is not UTF-8 text.") from None


def _place(exc: yaml.MarkedYAMLError) -> str:
    mark = exc.problem_mark or exc.context_mark
    return "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"


def _lines(node: Any) -> dict[str, int]:
    """Return the line of each key path, as deep as a policy goes; entries of the lists at its top count from 0."""
    lines: dict[str, int] = {}
    stack: list[tuple[Any, str, int]] = [(node, "", 0)]
    while stack:
        current, path, depth = stack.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(current, yaml.SequenceNode) and depth == 1:
            below = [
                (f"{path}[{number}]", entry.start_mark.line + 1, entry) for number, entry in enumerate(current.value)
            ]
        elif isinstance(current, yaml.MappingNode):
            inner = f"{path}." if path else ""
            scalars = [(key, value) for key, value in current.value if isinstance(key, yaml.ScalarNode)]
            below = [(f"{inner}{join_path(key.value)}", key.start_mark.line + 1, value) for key, value in scalars]
        else:
            continue
        for at, line, value in below:
            lines.setdefault(at, line)
            stack.append((value, at, depth + 1))
    return lines


def line_of(path: str, lines: Mapping[str, int]) -> int | None:
    """Return the line of a key path, or of the nearest one above it that stands in the file."""
    while path and path not in lines:
        path = path[: path.rindex("[")] if path.endswith("]") and "[" in path else path.rpartition(".")[0]
    return lines[path] if path else None


def _with_line(problem: str, lines: Mapping[str, int]) -> str:
    path, _colon, text = problem.partition(": ")
    line = line_of(path, lines)
    return problem if line is None else f"{path}: line {line}: {text}"
