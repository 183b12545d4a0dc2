"""What two servers might read differently is refused, and nothing of it reaches a page."""

from __future__ import annotations

import socket

import httpx
import pytest

from tests.ops.web.conftest import Start
from tests.ops.web.talking import LOGIN, PAGE, WEBHOOK, Desk, request, rest

MEGABYTE = 1024 * 1024
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
LENGTH = f"Content-Length: {len(HIDDEN)}"
CHUNKED = "Transfer-Encoding: chunked"
AMBIGUOUS = {
    "length and chunks": f"HTTP/1.1\r\nHost: x\r\n{LENGTH}\r\n{CHUNKED}",
    "chunks and length": f"HTTP/1.1\r\nHost: x\r\n{CHUNKED}\r\n{LENGTH}",
    "two lengths": f"HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n{LENGTH}",
    "one length twice": f"HTTP/1.1\r\nHost: x\r\n{LENGTH}\r\n{LENGTH}",
    "a list of lengths": f"HTTP/1.1\r\nHost: x\r\n{LENGTH}, {len(HIDDEN)}",
    "a length with a sign": "HTTP/1.1\r\nHost: x\r\nContent-Length: +5",
    "a length in other digits": "HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5",
    "chunks twice": f"HTTP/1.1\r\nHost: x\r\n{CHUNKED}\r\n{CHUNKED}",
    "chunks and more": f"HTTP/1.1\r\nHost: x\r\n{CHUNKED}, identity",
    "chunks under another name": "HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked",
    "chunks in the old version": f"HTTP/1.0\r\nHost: x\r\n{CHUNKED}",
    "chunks in no version": f"\r\n{CHUNKED}",
    "a header that goes on": "HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked",
    "a space before the colon": f"HTTP/1.1\r\nHost: x\r\n{LENGTH.replace(':', ' :')}",
    "a bare line feed": f"HTTP/1.1\r\nHost: x\r\nA: b\n{LENGTH}",
    "two hosts": "HTTP/1.1\r\nHost: x\r\nHost: y",
    "two kinds": "HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Type: c/d",
}


@pytest.mark.parametrize("head", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_an_ambiguous_request_is_refused_and_what_it_hides_is_never_served(
    head: str, desk: Desk
) -> None:
    with desk.connect() as met:
        met.sendall(f"POST {PAGE} {head}\r\n\r\n".encode() + HIDDEN)
        met.settimeout(8)
        answer = rest(met)
    assert answer.split()[1] in (b"400", b"501")
    assert answer.count(b"HTTP/1.") == 1
    assert desk.served == []


@pytest.mark.parametrize("size", [b"5;\x00", b"5;a=b\n", b"-5", b"5 ", b"0x5", b"5\n"])
def test_a_chunk_of_doubtful_size_is_refused(size: bytes, desk: Desk) -> None:
    with desk.connect() as met:
        met.sendall(f"POST {PAGE} HTTP/1.1\r\nHost: x\r\n{CHUNKED}\r\n\r\n".encode())
        met.sendall(size + b"\r\nabcde\r\n0\r\n\r\n" + HIDDEN)
        met.settimeout(8)
        assert rest(met).startswith(b"HTTP/1.1 400")
    assert desk.served == []


def test_a_body_in_chunks_is_whole_for_the_page_and_has_a_length(desk: Desk) -> None:
    with desk.connect() as met:
        met.sendall(
            f"POST {PAGE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{CHUNKED}\r\n\r\n".encode()
        )
        met.sendall(b"3\r\nabc\r\n2;note=1\r\nde\r\n0\r\n\r\n")
        assert rest(met).startswith(b"HTTP/1.1 200")
    (served,) = desk.served
    assert (served["body"], served["CONTENT_LENGTH"]) == (b"abcde", "5")
    assert "HTTP_TRANSFER_ENCODING" not in served


@pytest.mark.parametrize("announced", [True, False], ids=["with a length", "in parts"])
def test_head_is_answered_without_a_body_and_the_next_answer_is_the_next_ones(
    announced: bool, start: Start
) -> None:
    def application(environ, start_response):  # type: ignore[no-untyped-def]
        length = [("Content-Length", "10")] if announced else []
        start_response("200 OK", length)
        return [b"01234", b"56789"]

    desk = start(application)
    with desk.connect() as met:
        met.sendall(
            request("HEAD", PAGE) + request("GET", "/healthz", headers="Connection: close\r\n")
        )
        answer = rest(met)
    head, _, more = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    if announced:
        assert b"Content-Length: 10" in head
        assert more.startswith(b"HTTP/1.1 200")
        assert more.endswith(b"\r\n\r\n0123456789")
    else:
        assert more == b"", "its end cannot be told, so that the connection ends"


def test_requests_on_one_connection_are_answered_in_their_order(desk: Desk) -> None:
    with desk.connect() as met:
        met.sendall(
            request("GET", "/a")
            + request("POST", "/b", b"body")
            + request("GET", "/c", headers="Connection: close\r\n")
        )
        assert rest(met).count(b"HTTP/1.1 200") == 3
    assert desk.paths == ["/a", "/b", "/c"]


def test_a_forged_header_does_not_pass_for_the_proxys(desk: Desk) -> None:
    desk.ask(
        PAGE,
        headers="X_Forwarded_For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7\r\nX-Forwarded_Proto: https\r\n",
    )
    (served,) = desk.served
    assert served["HTTP_X_FORWARDED_FOR"] == "7.7.7.7", "who is believed is decided further in"
    assert "HTTP_X_FORWARDED_PROTO" not in served
    assert served["REMOTE_ADDR"] == "127.0.0.1"
    assert served["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize("path", [WEBHOOK, LOGIN, PAGE, "/nowhere"])
@pytest.mark.parametrize("in_chunks", [False, True], ids=["with a length", "in chunks"])
def test_more_than_an_address_takes_is_refused_before_a_page_sees_it(
    path: str, in_chunks: bool, desk: Desk
) -> None:
    """The client sends it all before it listens, as most do."""
    body = bytes(40 * MEGABYTE)
    content = (body[at : at + 65536] for at in range(0, len(body), 65536)) if in_chunks else body
    answer = httpx.post(
        f"http://127.0.0.1:{desk.address[1]}{path}", content=content, timeout=30, trust_env=False
    )
    assert answer.status_code == 413
    assert "MB are taken here" in answer.text
    assert desk.served == []


def test_what_an_address_takes_is_taken(desk: Desk) -> None:
    url = f"http://127.0.0.1:{desk.address[1]}"
    for path, size in (
        (WEBHOOK, MEGABYTE),
        (PAGE, 2 * MEGABYTE),
        ("/c/acme/posting/skus/import/", 10 * MEGABYTE),
    ):
        assert (
            httpx.post(url + path, content=bytes(size), timeout=30, trust_env=False).status_code
            == 200
        )
    assert [len(one["body"]) for one in desk.served] == [MEGABYTE, 2 * MEGABYTE, 10 * MEGABYTE]


def test_a_head_without_end_is_refused(desk: Desk) -> None:
    with desk.connect() as met:
        met.sendall(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000)
        assert rest(met).startswith(b"HTTP/1.0 431")
    assert desk.served == []


def test_who_asks_first_whether_to_go_on_is_told_to(desk: Desk) -> None:
    with desk.connect() as met:
        met.sendall(
            f"POST {PAGE} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert met.recv(100).startswith(b"HTTP/1.1 100 Continue")
        met.sendall(b"body")
        met.shutdown(socket.SHUT_WR)
        assert met.recv(100).startswith(b"HTTP/1.1 200")
    assert desk.served[0]["body"] == b"body"
