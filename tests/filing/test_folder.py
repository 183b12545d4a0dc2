"""Files in the data folder: whole or not there, under the name that was given, nobody's outside of it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from crossdock import filing


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


class CutOff(ContentFile):  # type: ignore[type-arg]
    """A file whose reading ends in the middle, as when a disk is full."""

    def chunks(self, chunk_size: int | None = None) -> Any:
        yield b"half of"
        raise OSError(28, "No space left on device")


def test_what_is_kept_is_read_listed_and_removed_by_its_name(files: Path) -> None:
    assert filing.keep("awb/1/a.pdf", b"one") == "awb/1/a.pdf"
    assert filing.keep("awb/1/a.pdf", b"two") == "awb/1/a.pdf"
    assert filing.read("awb/1/a.pdf") == filing.opened("awb/1/a.pdf").read() == b"two"
    assert [one.name for one in filing.listed("awb")] == ["awb/1/a.pdf"]
    assert list(filing.listed("papers")) == []
    assert filing.near(["awb/1/a.pdf", "awb/1/b.pdf"], files / "x") == {
        "awb/1/a.pdf": files / "awb/1/a.pdf"
    }
    assert not filing.missing(["awb/1/a.pdf"])
    assert filing.missing(["awb/1/a.pdf", "awb/1/b.pdf"])
    filing.remove("awb/1/a.pdf")
    filing.remove("awb/1/a.pdf")
    assert not filing.is_kept("awb/1/a.pdf")
    with pytest.raises(FileNotFoundError):
        filing.read("awb/1/a.pdf")


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(files: Path) -> None:
    filing.keep("awb/1/a.pdf", b"whole")
    with pytest.raises(OSError, match="No space left"):
        storages["default"].save("awb/1/a.pdf", CutOff(b""))
    assert filing.read("awb/1/a.pdf") == b"whole"
    assert [file.name for file in (files / "awb/1").iterdir()] == ["a.pdf"]


@pytest.mark.parametrize("name", ["../out.pdf", "/etc/out.pdf", "awb/../../out.pdf"])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        filing.keep(name, b"out")
    with pytest.raises(SuspiciousFileOperation):
        filing.read(name)


def test_when_it_was_written_is_told(files: Path) -> None:
    filing.keep("awb/1/a.pdf", b"one")
    moment = time.time() - 86_400
    os.utime(files / "awb/1/a.pdf", (moment, moment))
    (found,) = filing.listed()
    assert found.modified_at.timestamp() == pytest.approx(moment, abs=1)
