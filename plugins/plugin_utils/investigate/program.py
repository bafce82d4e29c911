# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that is sent to a host: the files of ``module_utils/investigate``, packed, and one request.

It travels as the program of the lean transport does: on standard input of the host's Python or, where the connection
can't carry that, in the command. On the host the files are modules of a package that exists in memory only.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILES = (
    "files",
    "counters",
    "groups",
    "processes",
    "watch",
    "identity",
    "descriptors",
    "tracefs",
    "trace_text",
    "matching",
    "instance",
    "look",
    "trace",
    "ask",
)
"""The files in an order in which each imports only those before it."""

_PROGRAM = """\
import base64, json, sys, zlib
sys.path[:] = [p for p in sys.path if p]
P, T = "kernel_memory_investigate", type(sys)
K = T(P)
K.__path__ = []
sys.modules[P] = K
S = zlib.decompress(base64.b64decode(b"{packed}")).split(b"\\0")
for N, X in zip(S[::2], S[1::2]):
    N = str(N.decode("ascii"))
    M = T(P + "." + N)
    M.__package__ = P
    sys.modules[P + "." + N] = M
    setattr(K, N, M)
    exec(compile(X, N, "exec"), M.__dict__)

K.ask.main({mark}, json.loads({request}))
"""


@cache
def packed_files() -> str:
    """Return the files, compressed and in ASCII."""
    folder = Path(__file__).parents[2] / "module_utils" / "investigate"
    texts = [part for name in FILES for part in (name, (folder / f"{name}.py").read_text("utf-8"))]
    return base64.b64encode(zlib.compress("\0".join(texts).encode("utf-8"), 9)).decode("ascii")


def program(mark: str, request: Mapping[str, object]) -> str:
    """Return the program text of one request; *mark* frames its answer and must be new for each call."""
    text = json.dumps(request, sort_keys=True)
    return _PROGRAM.format(packed=packed_files(), mark=ascii(mark), request=ascii(text))
