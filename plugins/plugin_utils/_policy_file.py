# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a policy from a YAML or JSON file; errors name the file and, where they can, the line."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import PolicyError, resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_schema import join_path

MAXIMUM_FILE_BYTES = 1024**2


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


def load_policy(path: str) -> dict[str, Any]:
    """Return the resolved policy of a file.

    Raises :class:`PolicyError` or :class:`ValueError`, both with the file's name.
    """
    data, lines = _read(path)
    try:
        return resolve_policy(data)
    except PolicyError as exc:
        raise PolicyError([_with_line(problem, lines) for problem in exc.problems], path) from None


def read_policy_file(path: str) -> dict[str, Any]:
    """Return what stands in a policy file, not yet resolved. Raises :class:`ValueError` with the file's name."""
    return _read(path)[0]


def _read(path: str) -> tuple[dict[str, Any], dict[str, int]]:
    text = _text(path)
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
    """Return the line of each key path, five levels deep, which is as deep as a policy goes."""
    lines: dict[str, int] = {}
    stack: list[tuple[Any, tuple[str, ...]]] = [(node, ())]
    while stack:
        current, path = stack.pop()
        if not isinstance(current, yaml.MappingNode) or len(path) > 5:
            continue
        for key, value in current.value:
            if isinstance(key, yaml.ScalarNode):
                below = (*path, key.value)
                lines.setdefault(join_path(*below), key.start_mark.line + 1)
                stack.append((value, below))
    return lines


def _with_line(problem: str, lines: dict[str, int]) -> str:
    path, _colon, text = problem.partition(": ")
    at = path
    while at and at not in lines:
        at = at.rpartition(".")[0]
    return f"{path}: line {lines[at]}: {text}" if at else problem
