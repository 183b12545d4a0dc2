"""What a request names, wherever it stands: path, query, form or JSON, in lists and in JSON texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl, unquote


def named_in(path: str, query: bytes, content_type: str, body: bytes) -> frozenset[str]:
    """Every id that may be meant; the whole path too, without its first slash."""
    of_query = [value for _, value in parse_qsl(query.decode("latin-1"))]
    return named_by(path, [*of_query, *_values(content_type, body)])


def named_by(path: str, values: Iterable[str]) -> frozenset[str]:
    """The same, of a request whose values are known."""
    whole = unquote(path).strip("/")
    found = {whole, *whole.split("/")}
    for value in values:
        found.update(_in_text(value))
    return frozenset(found)


def _values(content_type: str, body: bytes) -> Iterator[str]:
    if content_type.startswith("application/x-www-form-urlencoded"):
        yield from (value for _, value in parse_qsl(body.decode("latin-1")))
    elif content_type.startswith("multipart/form-data"):
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        whole = message_from_bytes(head + body, EmailMessage, policy=policy.HTTP)
        for part in whole.iter_parts():
            if part.get_filename() is None:
                yield str(part.get_content()).strip()
    else:
        yield body.decode("utf-8", "replace")


def _in_text(text: str) -> Iterator[str]:
    """A text itself, its parts between commas, and what stands in it where it is JSON."""
    yield text
    yield from (part.strip() for part in text.split(","))
    if text.lstrip()[:1] in ("{", "["):
        try:
            yield from _in_json(json.loads(text))
        except ValueError:
            return


def _in_json(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _in_json(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _in_json(inner)
    elif isinstance(value, str):
        yield from _in_text(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)
