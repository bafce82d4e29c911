# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives give what an audit reads, and whoever made one can write nowhere else and fill nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.saved import archives
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.saved.archives import (
    ENDINGS,
    archives_below,
    is_archive,
    is_wanted,
    name_of,
    unpack,
)

AT = 1_700_000_000
FILES = {
    "web1/proc/meminfo": b"MemTotal: 1 kB\n",
    "web1/sys/devices/system/cpu/online": b"0\n",
    "web1/var/log/x": b"no",
}


def tarball(path: Path, files: dict[str, bytes], *others: tarfile.TarInfo) -> Path:
    """Write a tarball in the packing that its name says, with members that are no files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for other in others:
            tar.addfile(other)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), AT
            tar.addfile(info, io.BytesIO(data))
    packing = {"gz": gzip.compress, "tgz": gzip.compress, "bz2": bz2.compress, "tbz2": bz2.compress}
    packing |= {"xz": lzma.compress, "txz": lzma.compress}
    path.write_bytes(packing.get(path.name.rpartition(".")[2], bytes)(plain.getvalue()))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2023, 11, 14, 12, 0, 0)), data)
    return path


def written(folder: Path) -> dict[str, bytes]:
    """What is in a folder, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A member that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_packing_gives_what_an_audit_reads(tmp_path: Path, ending: str) -> None:
    """With the times of the files, and without what nobody reads."""
    path, folder = tmp_path / f"sos{ending}", tmp_path / "out"
    folder.mkdir()
    unpack(zipped(path, FILES) if ending == ".zip" else tarball(path, FILES), folder)
    assert written(folder) == {name: data for name, data in FILES.items() if "/var/" not in name}
    meminfo = os.stat(folder / "web1/proc/meminfo").st_mtime
    assert meminfo == AT or ending == ".zip" and 1_699_900_000 < meminfo < 1_700_100_000
    assert is_archive(path.name.upper()) and name_of(path.name) == "sos"


@pytest.mark.parametrize(
    "name",
    [
        "/proc/meminfo",
        "../proc/meminfo",
        "web1/proc/../../../proc/x",
        "a\\..\\proc/meminfo",
        "proc/\x1b[2J",
        "proc/a\0b",
        "proc/a\nb",
    ],
)
def test_no_name_leads_elsewhere(tmp_path: Path, name: str) -> None:
    """Neither by the root, nor by the folder above, nor by signs that a terminal obeys."""
    folder = tmp_path / "in" / "out"
    folder.mkdir(parents=True)
    unpack(tarball(tmp_path / "a.tar", {name: b"x", "w/proc/meminfo": b"y"}), folder)
    assert written(folder) == {"w/proc/meminfo": b"y"} or (written(folder) == {"proc/a": b"x", "w/proc/meminfo": b"y"})
    assert not is_wanted(name)
    if "\0" not in name:
        unpack(zipped(tmp_path / "a.zip", {name: b"x"}), folder)
    assert sorted(path.name for path in tmp_path.iterdir()) in (["a.tar", "a.zip", "in"], ["a.tar", "in"])


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    """A link that stands first would be followed by the file behind it."""
    secret, folder = tmp_path / "secret", tmp_path / "out"
    secret.mkdir()
    folder.mkdir()
    links = [
        special("web1/proc", tarfile.SYMTYPE, str(secret)),
        special("web1/proc/vmstat", tarfile.LNKTYPE, "/etc/passwd"),
        special("web1/proc/uptime", tarfile.FIFOTYPE),
        special("web1/proc/loadavg", tarfile.CHRTYPE),
    ]
    unpack(tarball(tmp_path / "a.tar.gz", {"web1/proc/meminfo": b"y"}, *links), folder)
    assert written(folder) == {"web1/proc/meminfo": b"y"} and list(secret.iterdir()) == []
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("proc/vmstat")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    unpack(path, folder)
    assert written(folder) == {"web1/proc/meminfo": b"y"}


@pytest.mark.parametrize("kind", ["read", "written", "files", "members"])
def test_bombs_end_with_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Zeros pack a thousandfold; the bounds are smaller here, so that the test is quick."""
    monkeypatch.setattr(archives, f"MOST_{kind.upper()}", {"read": 1 << 20, "written": 1 << 20}.get(kind, 3))
    name = "w/log" if kind == "read" else "w/proc/{}"
    files = {name.format(number): bytes(1 << 19) for number in range(5)}
    if kind == "read":
        files = {"w/log": bytes(1 << 22)}
    folder = tmp_path / "out"
    folder.mkdir()
    for path in (tarball(tmp_path / "a.tar.gz", files), tarball(tmp_path / "a.tar.xz", files)):
        with pytest.raises(ValueError, match="unpack it by hand"):
            unpack(path, folder)
    assert sum(map(len, written(folder).values())) <= 3 << 20


def test_a_header_as_long_as_memory_is_refused(tmp_path: Path) -> None:
    """Long names stand in members of their own, which are read whole."""
    path, folder = tmp_path / "a.tar", tmp_path / "out"
    folder.mkdir()
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 31
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises(ValueError, match="a header is too long"):
        unpack(path, folder)


def test_xz_asks_for_no_more_memory_than_it_may(tmp_path: Path) -> None:
    """A dictionary of 1.5 GiB is no way to pack a meminfo."""
    path, folder = tmp_path / "a.tar.xz", tmp_path / "out"
    folder.mkdir()
    head = bytearray(lzma.compress(tarball(tmp_path / "a.tar", FILES).read_bytes()))
    # The header of the first block says how large the dictionary is, here 512 MiB; its check value stands at its end.
    begin, size = 12, (head[12] + 1) * 4
    head[head.index(b"\x21\x01", begin) + 2] = 34
    head[begin + size - 4 : begin + size] = zlib.crc32(bytes(head[begin : begin + size - 4])).to_bytes(4, "little")
    path.write_bytes(bytes(head))
    with pytest.raises(ValueError, match="can't be unpacked: Memory usage limit exceeded"):
        unpack(path, folder)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2", "a.zip"])
def test_what_is_broken_is_one_sentence(tmp_path: Path, name: str) -> None:
    """Cut, or something else altogether."""
    folder = tmp_path / "out"
    folder.mkdir()
    whole = zipped(tmp_path / name, FILES) if name.endswith("zip") else tarball(tmp_path / name, FILES)
    data = whole.read_bytes()
    for broken in (data[: len(data) // 3], b"no archive at all" * 99, b""):
        whole.write_bytes(broken)
        try:
            unpack(whole, folder)
        except ValueError as exc:
            assert str(whole) in str(exc) and str(exc).endswith(".") and "\n" not in str(exc)


@given(st.binary(max_size=3000), st.sampled_from(["a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2", "a.zip"]))
def test_whatever_an_archive_holds(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    """There are files, or a sentence, and nothing else."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / name).write_bytes(data)
    (folder / "out").mkdir()
    try:
        unpack(folder / name, folder / "out")
    except ValueError as exc:
        assert str(exc).endswith(".")


def test_archives_are_found_beside_trees(tmp_path: Path) -> None:
    """In the folder and in those of hosts; not within a tree."""
    for name in ("a.tar.gz", "web1/b.zip", "web1/2026/c.txz", "tree/proc/d.tar", "e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in archives_below(tmp_path)] == ["a.tar.gz", "c.txz", "b.zip"]
