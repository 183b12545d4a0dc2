"""What an outside system may answer without harming us: packed, huge, endless or slow answers."""

from __future__ import annotations

import gzip
import io
import itertools
import re
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.channels import wire
from crossdock.channels.errors import NotSent, Unclear, Unreadable
from crossdock.channels.patience import within
from tests.channels.hostile import Say, answering, chunked, dripping, head, silent, whole

MEGABYTE = 1024 * 1024
TRUSTED = frozenset({"127.0.0.1"})


def fetched(
    say: Say, *, seconds: float = 10.0, largest: int = MEGABYTE, writes: bool = False
) -> bytes:
    with answering(say) as other:
        answer = wire.send(
            "POST" if writes else "GET", other.url, content=b"x" if writes else b"", writes=writes,
            trusted_hosts=TRUSTED, seconds=seconds, largest=largest,
        )  # fmt: skip
    return answer.body


def nested_bomb() -> bytes:
    """512 MiB of zeros, packed twice: about a kilobyte."""
    inner = io.BytesIO()
    with gzip.GzipFile(fileobj=inner, mode="wb") as packed:
        for _ in range(512):
            packed.write(bytes(MEGABYTE))
    return gzip.compress(inner.getvalue())


def test_we_ask_for_gzip_and_for_nothing_else() -> None:
    with answering(whole(b"")) as other:
        wire.send("GET", other.url, writes=False, trusted_hosts=TRUSTED)
    (asked,) = other.asked
    assert re.findall(rb"(?im)^accept-encoding: (.+)\r$", asked) == [b"gzip"]


def test_a_packed_answer_is_unpacked() -> None:
    assert fetched(whole(gzip.compress(b"the orders" * 50), "gzip")) == b"the orders" * 50
    assert fetched(whole(b"plain", "identity")) == b"plain"
    assert fetched(whole(b"", "gzip")) == b""


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "br", "deflate", "zstd", "gzip, identity, gzip"]
)
def test_an_answer_packed_otherwise_is_refused_in_words(encoding: str) -> None:
    with pytest.raises(Unreadable, match=f"packed as '{encoding}'"):
        fetched(whole(gzip.compress(gzip.compress(b"x")), encoding))


def test_a_write_that_is_answered_unreadably_may_have_worked() -> None:
    with pytest.raises(Unclear):
        fetched(whole(b"x", "gzip, gzip"), writes=True)
    with pytest.raises(Unclear):
        fetched(whole(bytes(2 * MEGABYTE)), writes=True)


def test_a_bomb_costs_little_memory_whether_packed_once_or_twice(tmp_path: Path) -> None:
    (tmp_path / "twice").write_bytes(nested_bomb())
    (tmp_path / "once").write_bytes(gzip.compress(bytes(512 * MEGABYTE)))
    asked = subprocess.run(
        [sys.executable, "-c", _ASK_FOR_BOMBS, str(tmp_path)],
        capture_output=True, text=True, timeout=120, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    grown, *refusals = asked.stdout.splitlines()
    assert refusals == ["Unreadable", "Unreadable"]
    assert int(grown) < 50, f"{grown} MB"


_ASK_FOR_BOMBS = """
import resource, sys
from pathlib import Path
from crossdock.channels import wire
from crossdock.channels.errors import ChannelError
from tests.channels.hostile import answering, whole

bombs = [((Path(sys.argv[1]) / name).read_bytes(), encoding)
         for name, encoding in (("twice", "gzip, gzip"), ("once", "gzip"))]
wire.get_ready()
before, refusals = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
for bomb, encoding in bombs:
    with answering(whole(bomb, encoding)) as other:
        try:
            wire.send("GET", other.url, writes=False, trusted_hosts=frozenset({"127.0.0.1"}))
        except ChannelError as error:
            refusals.append(type(error).__name__)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
print(*refusals, sep="\\n")
"""


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_answer_over_its_size_is_refused_and_one_of_just_that_size_is_taken(
    encoding: str,
) -> None:
    def packed(size: int) -> bytes:
        return gzip.compress(bytes(size)) if encoding else bytes(size)

    assert len(fetched(whole(packed(1000), encoding), largest=1000)) == 1000
    with pytest.raises(Unreadable, match="more than 1000 bytes"):
        fetched(whole(packed(1001), encoding), largest=1000)


def test_a_packed_answer_that_is_cut_or_no_gzip_at_all_is_unreadable() -> None:
    for body in (gzip.compress(bytes(range(256)) * 9)[:-12], b"not packed at all"):
        with pytest.raises(Unreadable, match="cannot be unpacked"):
            fetched(whole(body, "gzip"))


@settings(max_examples=60)
@given(
    body=st.binary(max_size=3000),
    cuts=st.lists(st.integers(1, 2999), max_size=12),
    packed=st.booleans(),
)
def test_the_same_bytes_arrive_however_they_were_cut(
    body: bytes, cuts: list[int], packed: bool
) -> None:
    sent = gzip.compress(body) if packed else body
    places = [0, *sorted({cut for cut in cuts if cut < len(sent)}), len(sent)]
    parts = [sent[begin:end] for begin, end in itertools.pairwise(places)]
    encoding = "gzip" if packed else ""
    assert fetched(lambda met: met.sendall(head(None, encoding) + chunked(parts))) == body


@pytest.mark.parametrize(
    "slow",
    [
        dripping(head(1000) + bytes(1000), every=0.05),
        dripping(head(None, "gzip") + chunked([zlib.compress(bytes(1000))]), every=0.05),
        lambda met: (met.sendall(head(1000) + b"x"), silent(met)),
        silent,
    ],
    ids=["its head drips", "packed, its head drips", "silent in the middle", "silent"],
)
def test_a_call_ends_in_its_time_however_slowly_it_is_answered(slow: Say) -> None:
    began = time.monotonic()
    with pytest.raises(NotSent):
        fetched(slow, seconds=1.0)
    assert time.monotonic() - began < 1.6


def test_a_call_ends_in_its_time_when_only_the_body_drips() -> None:
    def say(met: socket.socket) -> None:
        met.sendall(head(1000))
        dripping(bytes(1000), every=0.05)(met)

    began = time.monotonic()
    with pytest.raises(NotSent):
        fetched(say, seconds=1.0)
    assert time.monotonic() - began < 1.6


def test_a_call_ends_in_its_time_when_the_other_side_does_not_read() -> None:
    began = time.monotonic()
    with answering(lambda _: time.sleep(6)) as other, pytest.raises(Unclear):
        wire.send(
            "POST",
            other.url,
            content=bytes(30 * MEGABYTE),
            writes=True,
            trusted_hosts=TRUSTED,
            seconds=1.0,
        )
    assert time.monotonic() - began < 1.6


def test_calls_that_share_a_time_end_in_it_together() -> None:
    def slow(met: socket.socket) -> None:
        time.sleep(0.4)
        met.sendall(head(0))

    began, answers = time.monotonic(), 0
    with answering(slow) as other, within(1.0), pytest.raises(NotSent):  # noqa: PT012
        while True:
            wire.send("GET", other.url, writes=False, trusted_hosts=TRUSTED)
            answers += 1
    assert answers == 2
    assert time.monotonic() - began < 1.6
