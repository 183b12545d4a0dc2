"""AWS Signature v4 as SQL Account takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens one company's database. The access key holds a slash: ``<hex>.sql.my/<USER>``."""

    base_url: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "ap-southeast-5"
    service: str = "sqlaccount"


def address(base_url: str, path: str, query: Mapping[str, str] | None = None) -> str:
    """The exact URL to sign and send: query sorted, blanks as ``%20`` (never ``+``)."""
    url = base_url.rstrip("/") + path
    if not query:
        return url
    return f"{url}?{urlencode(sorted(query.items()), quote_via=quote, safe='-_.~')}"


def signed_headers(keys: Keys, method: str, url: str, body: bytes) -> dict[str, str]:
    """The headers that sign these exact bytes to this exact URL, dated now.

    Only ``host`` and ``x-amz-date`` are signed: the smallest set that is known to be taken.
    """
    request = AWSRequest(method=method, url=url, data=body or None)
    credentials = Credentials(keys.access_key, keys.secret_key)
    SigV4Auth(credentials, keys.service, keys.region).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}
