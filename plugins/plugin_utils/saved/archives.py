# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of saved files: takes out of a tarball or a zip what an audit reads, and nothing else.

Whoever made an archive may want to write elsewhere, or to fill a disk. So only regular files below the folder that is
given come out, under names without ``..``; links, devices and whatever is not wanted are left out; and what is read,
what is written, the files and the sizes of headers are bounded.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Protocol, cast

from ..text.units import GIB, MIB, human_bytes

ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".zip")
MOST_READ = 4 * GIB
"""So much of an archive is unpacked to look for what is wanted."""
MOST_WRITTEN, MOST_FILES, MOST_MEMBERS = 256 * MIB, 50_000, 200_000
MOST_OF_A_FILE = 32 * MIB
MOST_OF_A_HEADER = MIB
_DICTIONARY = 256 * MIB
_PIECE = 1 << 20

# Folders of /proc and /sys, what support archives write of commands, and files beside each other in a flat copy.
_WANTED = re.compile(
    r"(?:.*/)?(?:(?:proc|sys|sos_commands/(?:host|general|process|memory|kernel))/.+"
    r"|etc/(?:machine-id|hostname)"
    r"|meminfo|vmstat|zoneinfo|slabinfo|vmallocinfo|buddyinfo|modules|loadavg|uptime|cpuinfo|mounts|cmdline|version"
    r"|hostname|uname[^/]*|lsmod|ps[^/]*|slabtop[^/]*|sysctl[^/]*|free)"
)
_LONG_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_TROUBLES = (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, RuntimeError)


def is_archive(name: str) -> bool:
    """Return whether a file is an archive, by its name."""
    return name.lower().endswith(ENDINGS)


def name_of(name: str) -> str:
    """Return the name of an archive without its ending."""
    ending = max((one for one in ENDINGS if name.lower().endswith(one)), key=len, default="")
    return name[: len(name) - len(ending)] or "archive"


def archives_below(folder: Path, depth: int = 2) -> list[Path]:
    """Return the archives in a folder and in those within it, up to *depth* folders down."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.is_file() and is_archive(path.name):
            found.append(path)
        elif depth and path.is_dir() and not path.is_symlink() and not (path / "proc").exists():
            found += archives_below(path, depth - 1)
    return found


def unpack(archive: Path, folder: Path) -> None:
    """Take what is wanted of an archive into a new folder. Raises ValueError with a sentence where that can't be done;
    what came out until then stays.
    """
    try:
        with open(os.open(archive, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError(f"{archive} is no regular file.")
            into = _Destination(archive, folder)
            for name, changed_at, size, source in _members(archive, file):
                into.take(name, changed_at, size, source)
    except _TROUBLES as exc:
        raise ValueError(f"{archive} can't be unpacked: {exc or type(exc).__name__}.") from exc


def _members(archive: Path, file: BinaryIO) -> Iterator[tuple[str, float, int, IO[bytes] | None]]:
    """Yield name, time, size and content of the regular files; None for what is not wanted."""
    if archive.name.lower().endswith(".zip"):
        yield from _zipped(file)
        return
    plain = _Bounded(_plain(archive.name.lower(), file), archive)
    # Of a stream tarfile asks for nothing but pieces.
    with tarfile.open(fileobj=cast(IO[bytes], plain), mode="r|", tarinfo=_CheckedTarInfo) as tar:
        for one in tar:
            wanted = one.isreg() and not one.sparse and is_wanted(one.name)
            yield one.name, one.mtime, one.size, tar.extractfile(one) if wanted else None


def _zipped(file: BinaryIO) -> Iterator[tuple[str, float, int, IO[bytes] | None]]:
    with zipfile.ZipFile(file) as zipped:
        for one in zipped.infolist():
            kind = stat.S_IFMT(one.external_attr >> 16)
            if one.is_dir() or kind not in (0, stat.S_IFREG) or one.flag_bits & 1 or not is_wanted(one.filename):
                yield one.filename, 0, 0, None
                continue
            with zipped.open(one) as source:
                yield one.filename, time.mktime((*one.date_time, 0, 0, -1)), one.file_size, source


def is_wanted(name: str) -> bool:
    """Return whether a file of an archive is read by an audit, and has a name that stays below its folder."""
    return _WANTED.fullmatch(name.removeprefix("./")) is not None and _is_inside(name)


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and name.isprintable()


class _Destination:
    """The folder that files come into, and how much more may come."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self._archive, self._folder = archive, folder
        self._members = self._files = self._bytes = 0

    def take(self, name: str, changed_at: float, size: int, source: IO[bytes] | None) -> None:
        """Write a file, with its time. Raises ValueError where that is too much."""
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise ValueError(f"{self._archive} has more than {MOST_MEMBERS:,} members; unpack it by hand.")
        if source is None or size > MOST_OF_A_FILE:
            return
        # What is said to be small need not be.
        data = source.read(MOST_OF_A_FILE + 1)
        self._files, self._bytes = self._files + 1, self._bytes + len(data)
        if len(data) > MOST_OF_A_FILE or self._files > MOST_FILES or self._bytes > MOST_WRITTEN:
            raise ValueError(
                f"{self._archive} holds more than the {human_bytes(MOST_WRITTEN)} in {MOST_FILES:,} files that are "
                "taken of an archive; unpack it by hand."
            )
        path = self._folder / PurePosixPath(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Of two files of one name the later counts, as for tar; nothing in the folder is a link.
        path.write_bytes(data)
        os.utime(path, (changed_at, changed_at))


class _Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int, /) -> bytes:
        """Return up to *size* bytes, none at the end."""


class _Bounded:
    """A stream that ends with an error where somebody packed more than anybody needs."""

    def __init__(self, stream: _Readable, archive: Path) -> None:
        self._stream, self._archive, self._read = stream, archive, 0

    def read(self, size: int, /) -> bytes:
        """See :class:`_Readable`."""
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > MOST_READ:
            raise ValueError(f"{self._archive} is larger than {human_bytes(MOST_READ)}; unpack it by hand.")
        return data


class _CheckedTarInfo(tarfile.TarInfo):
    """A header whose long names are not as long as memory is."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _CheckedTarInfo:
        """Return the header in a block."""
        found = super().frombuf(buf, encoding, errors)
        if found.type in _LONG_HEADERS and found.size > MOST_OF_A_HEADER:
            raise tarfile.ReadError("a header is too long")
        return found


class _Xz:
    """What is packed with xz, with a bound for the memory that this takes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._made = file, self._new()

    @staticmethod
    def _new() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(memlimit=_DICTIONARY)

    def read(self, size: int, /) -> bytes:
        """See :class:`_Readable`."""
        while True:
            made, has_ended = self._made, bool(self._made.eof)
            packed = self._file.read(_PIECE) if made.needs_input or has_ended else b""
            if has_ended:
                packed = made.unused_data + packed
                if not packed.strip(b"\0"):
                    return b""
                made = self._made = self._new()
            data = made.decompress(packed, size)
            if data:
                return data
            if not packed and made.needs_input and not made.eof:
                raise EOFError("it ends too early")


def _plain(name: str, file: BinaryIO) -> _Readable:
    """Return what reads an archive without its packing."""
    if name.endswith((".gz", ".tgz")):
        return gzip.GzipFile(fileobj=file)
    if name.endswith("bz2"):
        return bz2.BZ2File(file)
    return _Xz(file) if name.endswith("xz") else file
