"""AWS Signature v4 as the API Service checks it, for access keys that hold a slash."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

_SKEW = timedelta(minutes=5)
_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


def verified(
    *,
    method: str,
    raw_path: str,
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    body: bytes,
    secrets: Mapping[str, str],
) -> str | None:
    """The access key that signed this request; None when the signature does not hold.

    ``headers`` have lower-case names. The key is derived from the scope that the request names
    (date, region, service), as the server seems to do: two pairs are in use.
    """
    parts = dict(_PART.findall(headers.get("authorization", "")))
    if len(parts) < 3 or not headers["authorization"].startswith("AWS4-HMAC-SHA256"):
        return None
    scope = parts["Credential"].rsplit("/", 4)
    if len(scope) != 5 or scope[4] != "aws4_request":
        return None
    access_key, day, region, service, _ = scope
    stamp = headers.get("x-amz-date", "")
    secret = secrets.get(access_key)
    if secret is None or not stamp.startswith(day) or not _fresh(stamp):
        return None
    signed = parts["SignedHeaders"].split(";")
    if not {"host", "x-amz-date"} <= set(signed):
        return None
    digest = hashlib.sha256(body).hexdigest()
    for path in _paths(raw_path):
        canonical = "\n".join(
            [
                method,
                path,
                _query(query),
                *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed),
                "",
                parts["SignedHeaders"],
                digest,
            ]
        )
        text = "\n".join(
            [
                "AWS4-HMAC-SHA256",
                stamp,
                f"{day}/{region}/{service}/aws4_request",
                hashlib.sha256(canonical.encode()).hexdigest(),
            ]
        )
        key = f"AWS4{secret}".encode()
        for step in (day, region, service, "aws4_request"):
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        if hmac.compare_digest(
            hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), parts["Signature"]
        ):
            return str(access_key)
    return None


def _fresh(stamp: str) -> bool:
    try:
        moment = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - moment) <= _SKEW


def _paths(raw: str) -> list[str]:
    """The path as it may have been signed: re-encoded; and for ``/x/*`` also as ``/x/``."""
    plain = unquote(raw)
    forms = [quote(plain, safe="/~"), raw, quote(plain, safe="/~*")]
    if plain.endswith("/*"):
        forms.append(quote(plain[:-1], safe="/~"))
    return list(dict.fromkeys(forms))


def _query(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(
        f"{name}={value}"
        for name, value in sorted(
            (quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs
        )
    )
