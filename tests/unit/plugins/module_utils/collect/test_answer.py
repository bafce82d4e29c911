# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer of a host: JSON as the standard library would write it, and a frame whatever happens."""

import inspect
import json
import math
import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.answer import answer, encode

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(PLAIN)
def test_what_is_encoded_is_read_back(value):
    """The controller reads it with the standard library; ASCII alone survives every login shell."""
    text = encode(value)
    assert text.isascii() and "\n" not in text
    assert json.loads(text) == value


@given(st.text(alphabet=st.characters(min_codepoint=0, max_codepoint=0x10FFFF, exclude_categories=[])))
def test_any_text_of_a_host_is_one(text):
    """Names of processes hold what their authors want: control characters, halves of pairs, quotes."""
    assert json.loads(encode([text])) == json.loads(json.dumps([text]))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_null(value):
    """JSON has no word for it."""
    assert encode({"a": value}) == '{"a":null}'


def test_keys_are_sorted_and_tuples_are_lists():
    """The same reading has the same bytes, on every Python."""
    assert encode({"b": (1, 2.5), "a": True, "c": None}) == '{"a":true,"b":[1,2.5],"c":null}'


@pytest.fixture
def said(monkeypatch):
    """What answer writes, in pieces as small as a pipe may take; called with a reader it returns the lines."""
    written = []

    def write(descriptor, data):
        assert descriptor == 1
        written.append(data[:7])
        return len(data[:7])

    def call(read):
        answer(read, "nonce", "/p", "/s", 5, ["slab"], "load")
        return b"".join(written).decode("ascii").split("\n")

    monkeypatch.setattr("posix.write", write)
    before = signal.getsignal(signal.SIGALRM)
    yield call
    assert signal.alarm(0) == 0, "an alarm is left behind"
    signal.signal(signal.SIGALRM, before)


def test_a_reading_stands_between_its_marks(said):
    """Every argument reaches the reader, and every byte the controller."""
    lines = said(lambda *given: {"given": list(given), "long": "x" * 100})
    assert (lines[0], lines[1], lines[3], lines[4]) == ("", "<<nonce", "nonce>>", "")
    reading = json.loads(lines[2])["reading"]
    assert reading == {"given": ["/p", "/s", 5, ["slab"], "load"], "long": "x" * 100}


def test_whatever_goes_wrong_is_said_in_the_same_frame(said):
    """A collector that ended with a traceback would leave the controller nothing to read."""
    lines = said(lambda *_given: {}["absent"])
    assert (lines[1], lines[3]) == ("<<nonce", "nonce>>")
    assert json.loads(lines[2]) == {"error": "KeyError: 'absent'"}


def test_a_controller_that_reads_no_more_leaves_no_process(tmp_path):
    """The answer is larger than a pipe holds, and nobody reads it: only the alarm ends the process."""
    program = tmp_path / "program.py"
    source = inspect.getsource(sys.modules[answer.__module__])
    program.write_text(source + "\nanswer(lambda *_given: {'long': 'x' * 2**20}, 'nonce', '/', '/', 1)\n")
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE) as process:
        assert process.wait() == -signal.SIGALRM


def test_a_file_that_never_answers_ends_with_the_alarm(said):
    """A second after the deadline; here the alarm is called for at once."""
    lines = said(lambda *_given: os.kill(os.getpid(), signal.SIGALRM))
    assert json.loads(lines[2]) == {"error": "RuntimeError: deadline"}
