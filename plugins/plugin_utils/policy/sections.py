# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of an environment or a profile: check what somebody wrote, and lay it over other settings.

Checking gives the same mapping in its plain form, only with what was written (null: switched off). Laying it over
complete settings gives complete settings. An environment does it once, over the one it is based on; a profile over any
environment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..checks.table import CHECKS
from ..dimensions.table import LIMITED
from ..model.finding import KINDS_OF_FINDING, SEVERITIES
from ..model.settings import ANY
from .defaults import DEFAULT_ENVIRONMENT, default_environment_settings
from .gate_settings import check_gate, plain_gate_settings
from .schema import (
    HISTORY_KEYS,
    LEVEL_KEYS,
    NEEDED_OF_AMOUNTS,
    SIMILAR_HOSTS_KEYS,
    WARNING_ONLY,
    Check,
    hint,
    is_off,
    join_path,
    level_problems,
    order_problems,
)

HIGHEST_SEVERITIES = ("warning", "critical")
_PRODUCTION = default_environment_settings(DEFAULT_ENVIRONMENT)


class Checker:
    """Collects what is wrong with a policy, each problem with its key path."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def problem(self, path: str, text: str) -> None:
        """Note that what stands at *path* is wrong; *text* is the rest of the sentence."""
        self.problems.append(f"{path}: {text}")

    def mapping(self, value: Any, path: str, known: Sequence[str] | None) -> Mapping[Any, Any]:
        """Return *value* where it is a mapping, and note each key that is not *known*."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.problem(path, "must be a mapping of keys to settings.")
            return {}
        if known is not None:
            inner = "" if path == "policy" else f"{path}."
            for key in value:
                if key not in known:
                    self.problem(f"{inner}{join_path(key)}", f"is not a key that can stand here; {hint(key, known)}")
        return value

    def checked(self, value: Any, path: str, checks: Mapping[str, Check], needed: Collection[str]) -> dict[str, Any]:
        """Return the keys of *value* that are right, in their plain form. Those *needed* can't be switched off."""
        plain: dict[str, Any] = {}
        for key, setting in self.mapping(value, path, tuple(checks)).items():
            if key not in checks:
                continue
            if is_off(setting):
                if key not in needed:
                    plain[key] = None
                else:
                    self.problem(f"{path}.{key}", "can't be switched off; leave it out for its default.")
                continue
            try:
                plain[key] = checks[key](setting)
            except ValueError as exc:
                self.problem(f"{path}.{key}", str(exc))
        return plain


def check_sections(written: Mapping[Any, Any], path: str, checker: Checker) -> dict[str, Any]:
    """Return the sections of an environment or a profile as they were written, in their plain form."""
    plain: dict[str, Any] = {}
    for section in LEVEL_KEYS:
        if written.get(section) is not None:
            plain[section] = _check_dimensions(section, written[section], f"{path}.{section}", checker)
    if written.get("history") is not None:
        plain["history"] = checker.checked(written["history"], f"{path}.history", HISTORY_KEYS, HISTORY_KEYS)
    if "similar_hosts" in written:
        given = written["similar_hosts"]
        at = f"{path}.similar_hosts"
        plain["similar_hosts"] = (
            None if is_off(given) else checker.checked(given, at, SIMILAR_HOSTS_KEYS, SIMILAR_HOSTS_KEYS)
        )
    if written.get("severities") is not None:
        plain["severities"] = _check_severities(written["severities"], f"{path}.severities", checker)
    if written.get("gate") is not None:
        # Its keys and values are checked once they are laid over the defaults, by the gate's own rules.
        plain["gate"] = dict(checker.mapping(written["gate"], f"{path}.gate", None))
        for key in [key for key in plain["gate"] if join_path(key) != key]:
            checker.problem(f"{path}.gate.{join_path(key)}", "is not a key that can stand here.")
            del plain["gate"][key]
    highest = written.get("highest_severity")
    if isinstance(highest, str) and highest in HIGHEST_SEVERITIES:
        plain["highest_severity"] = highest
    elif highest is not None:
        checker.problem(f"{path}.highest_severity", f"must be warning or critical; {hint(highest, HIGHEST_SEVERITIES)}")
    return plain


def _check_dimensions(section: str, value: Any, path: str, checker: Checker) -> dict[str, Any]:
    if section != "limits" and is_off(value):
        return dict.fromkeys(LIMITED)
    written = checker.mapping(value, path, LIMITED)
    return {
        dimension: _check_dimension(section, dimension, written[dimension], f"{path}.{dimension}", checker)
        for dimension in LIMITED
        if dimension in written
    }


def _check_dimension(section: str, dimension: str, value: Any, path: str, checker: Checker) -> dict[str, Any] | None:
    levels, keys = LEVEL_KEYS[section]
    if is_off(value):
        return None
    # Caches come and go with the files in use, so a dimension that has no level by itself gets none.
    never = section != "limits" and not any(_PRODUCTION[section][dimension].values())
    plain: dict[str, Any] = {}
    written = checker.mapping(value, path, levels)
    for level in levels:
        if level not in written:
            continue
        if is_off(written[level]):
            plain[level] = None
        elif never:
            checker.problem(
                f"{path}.{level}",
                f"can't be set; {dimension} comes and goes with the files in use, so only its limit is judged.",
            )
        elif section == "limits" and level == "critical" and dimension in WARNING_ONLY:
            checker.problem(
                f"{path}.{level}", f"can't be set; {dimension} never fails a host by itself, so it has a warning only."
            )
        else:
            plain[level] = checker.checked(
                written[level], f"{path}.{level}", keys[dimension], () if section == "limits" else NEEDED_OF_AMOUNTS
            )
    return plain


def _check_severities(value: Any, path: str, checker: Checker) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for cell, severity in checker.mapping(value, path, None).items():
        at = f"{path}.{join_path(cell)}"
        problem = cell_problem(cell)
        if problem:
            checker.problem(at, problem)
        elif is_off(severity):
            plain[cell] = None
        elif isinstance(severity, str) and severity in SEVERITIES:
            plain[cell] = severity
        else:
            checker.problem(at, f"must be info, warning or critical; {hint(severity, SEVERITIES[::-1])}")
    return plain


def cell_problem(cell: Any) -> str | None:
    """Return what is wrong with the name of a kind of finding of a dimension (``vmalloc.growth``, ``*.spike``), or
    None.
    """
    dimension, dot, kind = cell.partition(".") if isinstance(cell, str) else ("", "", "")
    if not dot:
        return "must be DIMENSION.KIND, such as vmalloc.growth; either may be *."
    known = (*LIMITED, *CHECKS)
    if dimension not in (*known, ANY):
        return f"names no dimension or check; {hint(dimension, known)}"
    if kind not in (*KINDS_OF_FINDING, ANY):
        return f"names no kind of finding; {hint(kind, KINDS_OF_FINDING)}"
    return None


def merge_sections(base: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return complete settings: *plain*, as :func:`check_sections` gives it, over the complete settings *base*."""
    return {
        "highest_severity": plain.get("highest_severity", base["highest_severity"]),
        **{section: _merge_dimensions(section, base[section], plain.get(section, {})) for section in LEVEL_KEYS},
        "history": {**base["history"], **plain.get("history", {})},
        "similar_hosts": _merge_similar_hosts(base["similar_hosts"], plain.get("similar_hosts", {})),
        "severities": {**base["severities"], **plain.get("severities", {})},
        "gate": _merge_gate(base["gate"], plain["gate"]) if "gate" in plain else base["gate"],
    }


def _merge_dimensions(section: str, base: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    return {
        dimension: _merge_dimension(section, dimension, base[dimension], plain[dimension])
        if dimension in plain
        else base[dimension]
        for dimension in LIMITED
    }


def _merge_dimension(
    section: str, dimension: str, base: Mapping[str, Any], plain: Mapping[str, Any] | None
) -> dict[str, Any]:
    levels, keys = LEVEL_KEYS[section]
    if plain is None:
        return dict.fromkeys(levels)
    merged = dict(base)
    for level, settings in plain.items():
        # A level that was off and now gets a key has to take its other keys from somewhere: from production's own.
        start = merged[level] or _PRODUCTION[section][dimension][level] or {}
        complete = None if settings is None else {**dict.fromkeys(keys[dimension]), **start, **settings}
        merged[level] = complete if complete and any(setting is not None for setting in complete.values()) else None
    return merged


def _merge_similar_hosts(base: Mapping[str, Any] | None, plain: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if plain is None or (base is None and not plain):
        return None
    return {**(base or _PRODUCTION["similar_hosts"]), **plain}


def _merge_gate(base: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in plain.items():
        if isinstance(value, Mapping):
            # As with levels: what was off and is on again starts from production's own.
            start = merged.get(key) or _PRODUCTION["gate"].get(key)
            value = {**start, **value} if isinstance(start, Mapping) else value
        merged[key] = value
    try:
        return plain_gate_settings(merged)
    except ValueError:
        return merged  # the problems are told one by one, with their paths, by settings_problems


def settings_problems(settings: Mapping[str, Any], plain: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what does not fit together in complete settings, as pairs of key path inside them and rest of the sentence.

    Only what *plain* touches is looked at: what is inherited has been checked where it was written.
    """
    for section, (levels, _keys) in LEVEL_KEYS.items():
        for dimension in plain.get(section, ()):
            for path, text in _dimension_problems(
                settings[section][dimension], levels, may_be_same=section != "limits"
            ):
                yield f"{section}.{dimension}.{path}", text
    history = settings["history"]
    if "history" in plain and history["baseline_samples"] < history["minimum_samples"]:
        yield "history.baseline_samples", f"is below minimum_samples, which is {history['minimum_samples']}."
    if "history" in plain and max(history["windows_days"]) < history["minimum_days"]:
        yield (
            "history.windows_days",
            f"ends before minimum_days, which is {history['minimum_days']}, so growth is never seen.",
        )
    if "gate" in plain:
        for problem in check_gate(settings["gate"], "gate"):
            path, _colon, text = problem.partition(": ")
            yield path, text


def _dimension_problems(
    given: Mapping[str, Any], levels: Sequence[str], may_be_same: bool
) -> Iterator[tuple[str, str]]:
    wrong = False
    lower: str | None = None
    for level in levels:
        if given[level] is None:
            continue
        for key, text in level_problems(given[level]):
            wrong = True
            yield f"{level}.{key}", text
        if lower is not None and not wrong:
            for key, text in order_problems(given[lower], given[level], (lower, level), may_be_same):
                yield f"{level}.{key}" if key else level, text
        lower = level
