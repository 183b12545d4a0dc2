"""A backup's file that somebody else made, or that was damaged: never a traceback, and nothing of a link."""

from __future__ import annotations

import random
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossdock.ops.archive import (
    ABOUT,
    DATABASE,
    About,
    NoBackup,
    Writing,
    about_as_toml,
    parts,
    read_about,
)

_BLOCK = tarfile.BLOCKSIZE


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    file = tmp_path / "whole.tar"
    about = about_as_toml(About("0.1.0", datetime.now(UTC), 18))
    with file.open("w+b") as out:
        writing = Writing(out)
        for name, held in (
            (ABOUT, about),
            (DATABASE, b"x" * 3000),
            ("files/" + "n" * 150, b"y" * 900),
        ):
            writing.add(name, lambda into, held=held: into.write(held) and None, modified=1)  # type: ignore[misc]
        writing.end()
    return file


def names(file: Path) -> list[str]:
    read_about(file)
    return [member.name for member, part in parts(file) if part.read() is not None]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]
)
def test_what_is_no_plain_file_is_passed_over(whole: Path, tmp_path: Path, kind: bytes) -> None:
    file = tmp_path / "with-a-link.tar"
    odd = tarfile.TarInfo("files/link")
    odd.type, odd.linkname = kind, "/etc/passwd"
    with tarfile.open(whole) as given, tarfile.open(file, "w") as made:
        for member in given:
            held = given.extractfile(member)
            made.addfile(member, held)
            if member.name == DATABASE:
                made.addfile(odd)
    found = [member.name for member, _ in parts(file)]
    assert "files/link" not in found
    assert DATABASE in found


def test_whatever_became_of_its_bytes_it_is_read_or_refused(whole: Path, tmp_path: Path) -> None:
    """A thousand files with one to five bytes of a head changed, its sum put right."""
    chance = random.Random(17)  # noqa: S311 - the same files at every run
    given, file = whole.read_bytes(), tmp_path / "changed.tar"
    heads = [at for at in range(0, len(given), _BLOCK) if given[at + 257 : at + 262] == b"ustar"]
    refused = 0
    for _ in range(1000):
        changed = bytearray(given)
        for _ in range(chance.choice((1, 1, 2, 5))):
            place = chance.choice((chance.randrange(_BLOCK), chance.randrange(124, 136), 156))
            changed[chance.choice(heads) + place] = chance.choice((0, 255, *b"123456789xgLKSVADNM"))
        for head in heads:
            changed[head + 148 : head + 156] = b" " * 8
            changed[head + 148 : head + 156] = b"%06o\0 " % sum(changed[head : head + _BLOCK])
        file.write_bytes(changed)
        try:
            names(file)
        except NoBackup:
            refused += 1
    assert 0 < refused < 1000
