# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send a reading from the host to the controller, on standard output: ASCII JSON between two lines with a nonce.

Private to the collection. Together with ``reader.py`` it is the whole payload of the lean transport.
It does not import ``json`` or ``signal``: those two would double the CPU that the host spends on the audit.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import posix
import sys

try:
    from _signal import SIG_DFL, SIGALRM, alarm, signal
except ImportError:
    from signal import SIG_DFL, SIGALRM, alarm, signal


def encode(value):
    """Return *value* (dict with text keys, list, text, int, float, bool or None) as ASCII JSON text.

    Not-a-number and infinite floats become null; anything else becomes its text.
    """
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "{" + ",".join([quote(str(key)) + ":" + encode(value[key]) for key in sorted(value)]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([encode(entry) for entry in value]) + "]"
    if isinstance(value, float):
        return repr(value) if value - value == 0 else "null"
    try:
        return "%d" % value
    except TypeError:
        return quote(value)


def quote(text):
    """Return a text as a JSON string in ASCII. The escapes of Python are those of JSON but for rare characters."""
    escaped = text.encode("unicode_escape").decode("ascii")
    if "\\x" in escaped or "\\U" in escaped:
        # Only for these is the compiled code of json worth its price, a third of a millisecond.
        try:
            from _json import encode_basestring_ascii as encoder
        except ImportError:
            from json import dumps as encoder
        return encoder(text)
    return '"' + escaped.replace('"', '\\"') + '"'


def _late(_number, _frame):
    raise RuntimeError("deadline")


def answer(read, nonce, proc_root, sys_root, deadline_seconds, subsets=None, load=None):
    """Call *read* and write its reading, framed by *nonce*, to standard output; never raise, never exit non-zero.

    Parameters: read, the reader's function; nonce, a text that the controller chose for this call alone;
    deadline_seconds, a number; subsets and load, for *read*. A second after the deadline an alarm ends the call, so a
    stuck file can't hold it, and another ends the process where the answer is not read in as much time.
    """
    signal(SIGALRM, _late)
    alarm(int(deadline_seconds) + 1)
    try:
        result = {"reading": read(proc_root, sys_root, deadline_seconds, subsets, load)}
    except Exception:
        error = sys.exc_info()[1]
        result = {"error": "%s: %s" % (type(error).__name__, error)}
    # Whoever asked may read no more, and then nobody but the alarm would end this process.
    signal(SIGALRM, SIG_DFL)
    alarm(int(deadline_seconds) + 1)
    rest = ("\n<<%s\n%s\n%s>>\n" % (nonce, encode(result), nonce)).encode("ascii")
    while rest:
        rest = rest[posix.write(1, rest) :]
    alarm(0)
