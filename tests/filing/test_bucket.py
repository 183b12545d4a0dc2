"""Files in a bucket, over HTTP to a store of its own: as in the folder, for all hosts, and nothing is lost when the
store is away."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SuspiciousFileOperation

from crossdock import filing
from crossdock.buttons import evidence
from crossdock.channels.errors import NotSent, Refused
from crossdock.filing.bucket import Bucket
from crossdock.ops import look_outside
from tests.filing.store_server import BUCKET, KEYS, storage
from tests.ops.installation import environment

There = Callable[[], dict[str, bytes]]
Away = Callable[[], Callable[[], None]]


def test_what_is_kept_is_read_listed_and_removed_by_its_name(
    in_bucket: There, tmp_path: Path
) -> None:
    assert filing.keep("awb/1/a.pdf", b"one") == "awb/1/a.pdf"
    assert filing.keep("awb/1/a.pdf", b"two") == "awb/1/a.pdf"
    assert in_bucket() == {"desk/awb/1/a.pdf": b"two"}
    assert filing.read("awb/1/a.pdf") == filing.opened("awb/1/a.pdf").read() == b"two"
    (found,) = filing.listed("awb")
    assert (found.name, found.modified_at.tzinfo is not None) == ("awb/1/a.pdf", True)
    assert list(filing.listed("aw")) == list(filing.listed("papers")) == []
    near = filing.near(["awb/1/a.pdf", "awb/1/b.pdf"], tmp_path)
    assert {name: place.read_bytes() for name, place in near.items()} == {"awb/1/a.pdf": b"two"}
    assert [file.suffix for file in tmp_path.iterdir()] == [".pdf"]
    assert filing.missing(["awb/1/a.pdf", "awb/1/b.pdf"])
    assert not filing.missing(["awb/1/a.pdf"])
    filing.remove("awb/1/a.pdf")
    filing.remove("awb/1/a.pdf")
    assert not filing.is_kept("awb/1/a.pdf")
    with pytest.raises(FileNotFoundError):
        filing.read("awb/1/a.pdf")


def test_a_large_file_comes_back_byte_by_byte(in_bucket: There, tmp_path: Path) -> None:
    body = os.urandom(3 * 1024 * 1024 + 7)
    (tmp_path / "large").write_bytes(body)
    filing.keep_file("papers/1/large.pdf", tmp_path / "large")
    assert filing.read("papers/1/large.pdf") == body


def test_a_list_of_many_pages_is_whole(in_bucket: There, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"evidence/1/{n}.png" for n in range(7)]
    for name in names:
        filing.keep(name, b"x")
    ask = Bucket._ask

    def by_twos(self: Bucket, what: str, **told: Any) -> Any:
        return ask(self, what, **told, **({"MaxKeys": 2} if what == "list_objects_v2" else {}))

    monkeypatch.setattr(Bucket, "_ask", by_twos)
    assert sorted(one.name for one in filing.listed()) == names
    filing.remove_all("evidence/1")
    assert in_bucket() == {}


@pytest.mark.parametrize("name", ["../out.pdf", "/etc/out.pdf", "awb/../../out.pdf"])
def test_no_name_leads_out_of_the_prefix(in_bucket: There, name: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        filing.keep(name, b"out")
    with pytest.raises(SuspiciousFileOperation):
        filing.read(name)
    assert in_bucket() == {}


def test_another_host_sees_the_same_file(in_bucket: There, store_url: str, tmp_path: Path) -> None:
    """A process with a data folder of its own, told of the store by the one setting."""
    filing.keep("awb/1/a.pdf", b"%PDF- a label")
    (tmp_path / "secret").write_text(f"{KEYS['secret_key']}\n")
    script = (
        "import django; django.setup(); from crossdock import filing;"
        "print(filing.read('awb/1/a.pdf').decode()); filing.keep('awb/1/b.pdf', b'theirs')"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(
            tmp_path / "b", DJANGO_SETTINGS_MODULE="crossdock.settings",
            CROSSDOCK_FILES=f"s3://{BUCKET}/desk?endpoint={store_url}&region=us-east-1",
            AWS_ACCESS_KEY_ID=KEYS["access_key"], AWS_SECRET_ACCESS_KEY_FILE=str(tmp_path / "secret"),
        ),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.stdout == "%PDF- a label\n", told.stderr
    assert filing.read("awb/1/b.pdf") == b"theirs"


# What other stores than Amazon's do not know


class Recorder(BaseHTTPRequestHandler):
    """Takes everything, and notes what came with it."""

    heard: list[dict[str, str]] = []

    def do_PUT(self) -> None:
        self.heard.append({name.lower(): value for name, value in self.headers.items()})
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def recorder() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Recorder)
    Recorder.heard.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_no_checksum_of_the_new_kind_is_sent(recorder: str, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": storage(recorder)}
    filing.keep("awb/1/a.pdf", b"one")
    (heard,) = Recorder.heard
    assert not [name for name in heard if name.startswith(("x-amz-checksum", "x-amz-trailer"))]
    assert "aws-chunked" not in heard.get("content-encoding", "")
    assert heard["content-length"] == "3"


# A store that is away, or refuses us


def test_a_store_that_is_away_is_told_from_a_file_that_is_gone(
    in_bucket: There, away: Away, tmp_path: Path
) -> None:
    (name,) = evidence.keep(7, [b"\xff\xd8\xff not looked at here \xff\xd9"])
    come_back = away()
    for ask in (
        lambda: filing.keep("awb/1/a.pdf", b"one"),
        lambda: filing.read(name),
        lambda: filing.is_kept(name),
        lambda: filing.missing([name]),
        lambda: filing.near([name], tmp_path),
        lambda: list(filing.listed()),
        lambda: filing.remove(name),
    ):
        with pytest.raises(filing.StoreAway, match="does not answer"):
            ask()
    with pytest.raises(NotSent, match="cannot be read at the moment"):
        evidence.read([name])
    come_back()
    assert evidence.read([name])
    filing.remove(name)
    with pytest.raises(Refused, match="no longer kept"):
        evidence.read([name])


def test_a_bucket_that_is_not_there_is_named(store_url: str, settings: Any) -> None:
    none = storage(store_url, bucket="no-such-bucket")
    settings.STORAGES = {**settings.STORAGES, "default": none}
    with pytest.raises(filing.StoreAway, match=r"no-such-bucket.*refuses us \(NoSuchBucket\)"):
        filing.keep("awb/1/a.pdf", b"one")
    with pytest.raises(filing.StoreAway, match="NoSuchBucket"):
        filing.read("awb/1/a.pdf")


# What `crossdock check` says


def test_check_tries_the_bucket_and_leaves_nothing_in_it(in_bucket: There) -> None:
    (found,) = look_outside.files()
    assert found.good, found.text
    assert f"s3://{BUCKET}/desk" in found.text
    assert in_bucket() == {}


def test_check_names_what_is_wrong_with_the_bucket_and_no_key(in_bucket: There, away: Away) -> None:
    away()
    (found,) = look_outside.files()
    assert not found.good
    assert "does not answer" in found.text
    assert "AWS_ACCESS_KEY_ID" in found.text
    assert KEYS["secret_key"] not in found.text


def test_check_says_nothing_of_buckets_where_files_lie_in_the_folder() -> None:
    assert list(look_outside.files()) == []
