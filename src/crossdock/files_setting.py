"""The setting that says where files are kept: the data folder, or a bucket of an S3-compatible store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from crossdock.rules.from_outside import is_plain

NAME = "CROSSDOCK_FILES"
_KEYS = {"access_key": "AWS_ACCESS_KEY_ID", "secret_key": "AWS_SECRET_ACCESS_KEY"}


class BadPlace(Exception):
    """The setting cannot be used; the message says why."""


def storage_of(written: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Django's storage for ``s3://bucket/prefix?endpoint=https://…&region=…``; "": the data folder. Raises
    BadPlace.

    Keys come from ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``, or from the files that these names with
    ``_FILE`` name; else from wherever botocore finds some.
    """
    if not written:
        return {"BACKEND": "crossdock.filing.folder.Folder"}
    try:
        url = urlsplit(written)
        asked = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    except ValueError:
        raise BadPlace(_WORDS) from None
    unfit = set(written) & set('@"\\') or not is_plain(written)
    if unfit or url.scheme != "s3" or not url.netloc or set(asked) - _KNOWN:
        raise BadPlace(_WORDS)
    endpoint = asked.get("endpoint", "")
    if endpoint and not _is_address(endpoint):
        raise BadPlace(f"The endpoint in {NAME} must begin with https:// or http://.")
    place = {"bucket": url.netloc, "prefix": unquote(url.path).strip("/")}
    return {
        "BACKEND": "crossdock.filing.bucket.Bucket",
        "OPTIONS": place | asked | _keys(environment),
    }


def _is_address(endpoint: str) -> bool:
    try:
        url = urlsplit(endpoint)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


_KNOWN = {"endpoint", "region"}
_WORDS = (
    f"{NAME} must be such as s3://bucket/prefix?endpoint=https://store.example.com&region=ap-southeast-1 "
    "(endpoint and region where they are needed; keys never stand in it)."
)


def _keys(environment: Mapping[str, str]) -> dict[str, str]:
    found = {
        option: environment.get(name, "") or _within(environment.get(f"{name}_FILE", ""), name)
        for option, name in _KEYS.items()
    }
    if any(found.values()) and not all(found.values()):
        raise BadPlace(f"Of {' and '.join(_KEYS.values())} one is set: set both, or neither.")
    return {option: key for option, key in found.items() if key}


def _within(file: str, name: str) -> str:
    """What is written in a file; "" for none."""
    try:
        return Path(file).read_text().strip() if file else ""
    except (OSError, ValueError):
        raise BadPlace(f"{name}_FILE names {file}, which cannot be read.") from None
