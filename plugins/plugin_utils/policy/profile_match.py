# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts a profile is for: a JMESPath expression over what is known of a host.

jmespath is imported only where a policy has profiles. An expression is read once. It is checked as far as it can be
without a host: its form, its functions, and the names it asks for, since JMESPath gives null for a mistyped name and
says nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from ..dimensions.table import DIMENSIONS
from ..model.facts import Account, Facts, Machine, Platform
from ..model.plain import Json, plain
from .schema import hint, is_line

MAXIMUM_EXPRESSION = 1000
NEEDS_JMESPATH = "need the Python library jmespath on the controller; install it there with: pip install jmespath"

FIELDS: dict[str, tuple[str, ...] | None] = {
    "host": tuple(one.name for one in fields(Machine)),
    "platform": tuple(one.name for one in fields(Platform)),
    "dimensions": tuple(f"{name}_bytes" for name in DIMENSIONS),
    "accounting": tuple(one.name for one in fields(Account)),
    "groups": None,
    "name": None,
}
"""What an expression can ask for: the parts of a host, and what each of them has."""

# What jmespath raises on data that an expression does not fit, or on an expression nested too deeply.
_FAILURES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)

_YES_OR_NO: dict[str, Any] = {}

Match = Callable[[Mapping[str, Any]], bool]


def match_data(facts: Facts, name: str, groups: Sequence[str]) -> dict[str, Json]:
    """Return what expressions are asked of: four parts of the facts of a host, its inventory groups and name."""
    return {
        "host": facts.machine.as_plain(),
        "platform": facts.platform.as_plain(),
        "dimensions": plain(facts.dimensions()),
        "accounting": facts.account.as_plain(),
        "groups": list(groups),
        "name": name,
    }


def has_jmespath() -> bool:
    """Whether expressions can be used on this controller."""
    try:
        importlib.import_module("jmespath")
    except ImportError:
        return False
    return True


def compile_match(expression: Any) -> Match:
    """Return the test that an expression stands for.

    Raises :class:`ValueError` with the rest of a sentence that begins with the key path. The test raises it, too, where
    the expression fails on a host's data or gives something that is neither yes nor no.
    """
    if not is_line(expression, MAXIMUM_EXPRESSION):
        raise ValueError(f"must be a JMESPath expression of one line with up to {MAXIMUM_EXPRESSION} characters.")
    return _compile(str(expression))


@lru_cache(maxsize=512)
def _compile(expression: str) -> Match:
    tree = _parse(expression)
    for problem in _unknown_names(tree):
        raise ValueError(problem)
    interpreter = importlib.import_module("jmespath.visitor").TreeInterpreter()
    exceptions = importlib.import_module("jmespath.exceptions")
    try:
        # A host without any number shows wrong functions and numbers of arguments; that it has no number is no mistake.
        interpreter.visit(
            tree, {**{part: dict.fromkeys(names or ()) for part, names in FIELDS.items()}, "groups": [], "name": ""}
        )
    except (exceptions.UnknownFunctionError, exceptions.ArityError) as exc:
        raise ValueError(f"can't be used: {_one_line(exc)}") from None
    except _FAILURES:
        pass

    def match(data: Mapping[str, Any]) -> bool:
        try:
            return _yes_or_no(interpreter.visit(tree, data))
        except _FAILURES as exc:
            raise ValueError(_one_line(exc)) from None

    return match


def _parse(expression: str) -> dict[str, Any]:
    exceptions = importlib.import_module("jmespath.exceptions")
    try:
        parsed: dict[str, Any] = importlib.import_module("jmespath.parser").Parser().parse(expression).parsed
        return parsed
    except RecursionError:
        raise ValueError("is nested too deeply.") from None
    except (exceptions.ParseError, exceptions.LexerError) as exc:
        place = getattr(exc, "lex_position", None)
        column = f" at column {place + 1}" if isinstance(place, int) else ""
        near = getattr(exc, "token_value", None)
        said = f", near {near!r}" if isinstance(near, str) and near else ""
        if isinstance(near, int):
            said = f"; a number stands in backticks, as `{near}`"
        raise ValueError(f"is not valid JMESPath{column}{said}.") from None
    except _FAILURES as exc:
        raise ValueError(f"is not valid JMESPath: {_one_line(exc)}") from None


def _yes_or_no(result: Any) -> bool:
    if result is None or isinstance(result, (bool, str, list, dict)):
        return bool(result)
    # In JMESPath 0 is true, which nobody expects.
    raise ValueError("It gives a number, which is neither yes nor no; compare it, as in host.cpus_possible > `64`.")


def _one_line(exc: BaseException) -> str:
    text = " ".join(str(exc).split())[:200] or type(exc).__name__
    return text if text.endswith(".") else f"{text}."


def _unknown_names(tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each name that no host has."""
    problems: list[str] = []
    _walk(tree, FIELDS, "a host", problems)
    yield from problems


def _walk(node: Mapping[str, Any], known: Any, owner: str, problems: list[str]) -> tuple[Any, str]:
    """Walk a part of an expression that is asked of something with the names *known* (None: anything); return the
    same for its result.
    """
    kind, children = node["type"], node.get("children", [])
    if kind == "field":
        name = node["value"]
        if known == _YES_OR_NO:
            # ! binds closer than the dot, so !platform.kubernetes_node would be null on every host.
            problems.append(
                f"asks a yes or no for {name!r}; put what ! refers to in brackets, as in !(platform.kubernetes_node)."
            )
            return None, owner
        if known is not None and name not in known:
            problems.append(f"asks for {name!r}, which {owner} does not have; {hint(name, known)}")
            return None, owner
        return (known.get(name) if isinstance(known, Mapping) else None), str(name)
    if kind in ("identity", "current"):
        return known, owner
    if kind in ("subexpression", "pipe", "index_expression"):
        for child in children:
            known, owner = _walk(child, known, owner, problems)
        return known, owner
    if kind in ("projection", "value_projection", "filter_projection", "flatten"):
        # What follows is asked of each entry, of which nothing is known here.
        _walk(children[0], known, owner, problems)
    elif kind != "expref":
        for child in children:
            _walk(child, known, owner, problems)
    return (_YES_OR_NO if kind in ("not_expression", "comparator") else None), owner
