"""What no page of ours sends, and who sends it."""

from __future__ import annotations

from typing import Any

ROLES = ("owner", "manager", "bookkeeper", "packer", "viewer", "stranger", "anonymous")
ODD = (
    "", " ", "²", "٣", "-1", "0", "1e9", "1_0", "9" * 19, "9" * 25, "7" * 5000, "NaN", "Infinity", "1e999999",
    "\x00", "a\x00b", "\x1b[1m\x07", "%ED%A0%BD", "\ufffe", "\r\nX-Odd: 1", "😀", "[]", '{"a":1}', "a" * 9000,
    "0001-01-01", "9999-12-31", "2026-02-30", "none|" + "9" * 20, "NaN|1", "1e999999|1", "-1|²",
    "9999-12-31T23:59:59+00:00|1", "0001-01-01T00:00:00+14:00|1", "1.x-²." , "9" * 18 + "-" + "9" * 25,
    "tab=²&store=²&from=0001-01-01&view=²&sort=%00", "from=9999-12-31&after=NaN|1&sort=total&q=%00\n",
    "../../etc/passwd", "https://other.example/\n", "'\";--", "{{ 7 }}", "=1+1",
)  # fmt: skip
"""Values that no form of ours sends. ``%ED%A0%BD`` is sent as it stands: half an emoji in UTF-8."""
IN_ADDRESSES = ("0", "9" * 20, "7" * 5000, "%00", "%0A", "%C2%B2", "%FF", "-1", "a" * 3000, "..%2F")
HEADERS: tuple[dict[str, Any], ...] = (
    {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://[", "HTTP_HX_PROMPT": "\x00"},
    {"HTTP_AUTHORIZATION": "Bearer \xe9\xb2", "HTTP_REFERER": "http://[", "HTTP_ORIGIN": "null"},
    {"HTTP_USER_AGENT": "\xb2" * 5000, "HTTP_ACCEPT": "\x00", "HTTP_ACCEPT_LANGUAGE": "²" * 500},
    {"HTTP_X_FORWARDED_PROTO": "\xb2", "HTTP_X_FORWARDED_FOR": "²,\x00", "HTTP_RANGE": "bytes=²-"},
    {"CONTENT_TYPE": "text/plain; charset=zlib"},
    {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-16"},
    {"CONTENT_TYPE": "multipart/form-data"},
    {"CONTENT_TYPE": "multipart/form-data; boundary=x", "wsgi.input": b"--x\r\nodd"},
    {"CONTENT_LENGTH": "²"},
    {"HTTP_IF_NONE_MATCH": "²", "HTTP_IF_MODIFIED_SINCE": "9" * 5000},
    {"HTTP_COOKIE": 'sessionid="abcdefgh\\000x"; theme="\\000"; csrftoken="\\000"; messages="\\377"'},
    {"HTTP_COOKIE": "sessionid=" + "9" * 3000 + "; messages=²; theme=²"},
)  # fmt: skip

ASKED_BY: tuple[dict[str, str], ...] = (
    {},
    {"HTTP_HX_REQUEST": "true"},
    {"HTTP_ACCEPT": "application/json"},
)
"""A form, a page's part, a page's script."""
