"""Whatever is sent to any address by anybody, no answer is an error page.

The walk finds out by itself what there is to send: it opens every address, reads the forms of the pages,
sends them as they stand, and notes which names the views ask for. Then each of these names gets odd values,
one at a time, beside good ones. Every request is rolled back, so that the thousandth meets what the first met.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from unittest import mock
from urllib.parse import urlencode, urlsplit

from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import get_resolver
from django.utils.datastructures import MultiValueDict

from tests.cast import PASSWORD, Cast
from tests.house.odd_values import ASKED_BY, HEADERS, IN_ADDRESSES, ODD
from tests.house.test_every_url import address, walk

_NOT_READY = ("/readyz", 503)
"""An answer, and no error page: here no worker runs."""


@dataclass
class Target:
    """An address with a method, and what is known to be sent there."""

    method: str
    path: str
    given: dict[str, list[str]] = field(default_factory=dict)
    """Name → values, as a page's own form sends them."""
    names: set[str] = field(default_factory=set)
    """Names that the view asks for."""
    files: set[str] = field(default_factory=set)
    is_refused: bool = False
    """As it stands, by who this person is: nothing of it is read."""


@dataclass
class Found:
    """What a walk met."""

    sent: int = 0
    targets: int = 0
    parameters: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """Answers of 500 and above, each once per address, name and error."""


class Walk:
    """Sends odd things to every address there is."""

    def __init__(self, cast: Cast, arguments: Mapping[str, str]) -> None:
        self.cast, self.arguments, self.found = cast, dict(arguments), Found()
        self._seen: set[str] = set()

    def visitor(self, who: str) -> Client:
        """Somebody of this role, logged in."""
        client = Client(raise_request_exception=False)
        people = {role.value: person for role, person in self.cast.of_acme.items()}
        people["stranger"] = self.cast.charlie
        if who != "anonymous":
            assert client.login(email=people[who].email, password=PASSWORD)
        return client

    def addresses(self) -> list[str]:
        """One good address for every pattern."""
        made = [_open_address(prefix, self.arguments) for prefix, _ in _patterns()]
        return sorted(set(made))

    def targets(self, client: Client, chance: random.Random | None = None) -> list[Target]:
        """Everything that this person can send, as far as pages and views tell. With ``chance`` the names
        that are found get odd values at once."""
        targets: dict[tuple[str, str, frozenset[str]], Target] = {}
        for path in self.addresses():
            for method in ("GET", "POST"):
                targets[method, path, frozenset()] = Target(method, path)
        for path in self.addresses():
            opened = targets["GET", path, frozenset()]
            with asked_for() as names:
                answer = self.send(client, opened)
            opened.names |= names
            opened.is_refused = answer.status_code not in (200, 204)
            for form in forms_of(answer, path):
                targets.setdefault((form.method, form.path, frozenset(form.given)), form)
        for target in list(targets.values()):
            self._learn(client, target, chance)
        return [one for one in targets.values() if one.names or one.method == "POST"]

    def _learn(self, client: Client, target: Target, chance: random.Random | None) -> None:
        """Send it as it stands until no name is new: an early answer hides what would be asked next."""
        tried = target.names if target.method == "GET" else {"-"}
        for _ in range(2 if chance else 4):
            new = {
                name: [chance.choice(ODD) if chance else "1"]
                for name in target.names - set(target.given)
            }
            if tried == target.names and not (chance and new):
                return
            tried = set(target.names)
            with asked_for() as names:
                answer = self.send(client, target, new)
            target.is_refused = answer.status_code in (403, 404, 405)
            target.names |= names

    def send(
        self,
        client: Client,
        target: Target,
        more: Mapping[str, list[str]] | None = None,
        **headers: Any,
    ) -> Any:
        """One request, undone afterwards; an answer of 500 and above is kept."""
        values = {**target.given, **(more or {})}
        body, cookies = _encoded(values), client.cookies
        if "wsgi.input" in headers:
            headers["wsgi.input"] = BytesIO(headers["wsgi.input"])
        client.cookies = deepcopy(cookies)
        cache.clear()
        with transaction.atomic():
            if target.method == "GET":
                answer = client.get(target.path, query_string=body, **headers)
            elif target.files:
                answer = client.post(target.path, _with_files(values, target.files), **headers)
            else:
                whole = {
                    "wsgi.input": BytesIO(body.encode()),
                    "CONTENT_LENGTH": str(len(body)),
                    "CONTENT_TYPE": "application/x-www-form-urlencoded",
                }
                answer = client.generic("POST", target.path, **{**whole, **headers})
            if answer.streaming:
                list(answer.streaming_content)
            transaction.set_rollback(True)
        client.cookies = cookies
        self._count(target, answer, more or headers)
        return answer

    def _count(self, target: Target, answer: Any, odd: Mapping[str, Any]) -> None:
        self.found.sent += 1
        self.found.statuses[answer.status_code] += 1
        if answer.status_code < 500 or (target.path, answer.status_code) == _NOT_READY:
            return
        raised = getattr(answer, "exc_info", None)
        why = repr(raised[1])[:160] if raised else ""
        words = f"{target.method} {target.path[:90]} {sorted(odd)}: {answer.status_code} {why}"
        if words not in self._seen:
            self._seen.add(words)
            self.found.broken.append(f"{words} with {repr(odd)[:200]}")

    def odd_values(
        self, client: Client, targets: Iterable[Target], chance: random.Random, most: int = len(ODD)
    ) -> None:
        """Every name of these targets with ``most`` of the odd values each, one name at a time; what is
        refused anyway with two of them."""
        for target in targets:
            names = sorted(target.names | set(target.given))
            self.found.targets += 1
            self.found.parameters += len(names)
            for name in names:
                for odd in chance.sample(ODD, min(most, 2 if target.is_refused else len(ODD))):
                    self.send(client, target, {name: [odd]}, **chance.choice(ASKED_BY))

    def odd_addresses(self, client: Client, chance: random.Random, most: int) -> None:
        """Every pattern with odd things where its arguments stand."""
        for prefix, _ in _patterns():
            if "<" in prefix:
                for odd in chance.sample(IN_ADDRESSES, most):
                    path = _open_address(prefix, self.arguments, odd)
                    self.send(client, Target("GET", path))
                    self.send(client, Target("POST", path))

    def odd_headers(self, client: Client, chance: random.Random, most: int) -> None:
        """Every address with odd headers and cookies."""
        for path in self.addresses():
            for headers in chance.sample(HEADERS, most):
                for method in ("GET", "POST"):
                    self.send(client, Target(method, path), **headers)


@contextmanager
def asked_for() -> Iterator[set[str]]:
    """The names that are looked up in what a request sent, while this is open."""
    names: set[str] = set()

    def noting(method: Any) -> Any:
        def noted(self: Any, key: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(self, QueryDict) and isinstance(key, str):
                names.add(key)
            return method(self, key, *args, **kwargs)

        return noted

    changed = {
        "get": MultiValueDict.get,
        "getlist": MultiValueDict.getlist,
        "__getitem__": MultiValueDict.__getitem__,
        "__contains__": MultiValueDict.__contains__,
    }
    with mock.patch.multiple(MultiValueDict, **{k: noting(v) for k, v in changed.items()}):
        yield names


def forms_of(answer: Any, path: str) -> list[Target]:
    """The forms of a page, with what they would send as they stand."""
    if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
        return []
    reader = _Forms(path)
    reader.feed(answer.content.decode())
    return reader.targets


class _Forms(HTMLParser):
    """Reads the forms of a page; a field names the form that it belongs to, or stands in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.by_id: dict[str, Target] = {}
        self.targets: list[Target] = []
        self.open: Target | None = None
        self.select: tuple[Target | None, str] = (None, "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = self._form(given)
        elif tag in ("input", "textarea", "select", "button") and given.get("name"):
            form = self._of(given)
            if form is not None:
                self._field(tag, form, given)
        elif tag == "option" and self.select[0] is not None:
            form, name = self.select
            if form is not None and (name not in form.given or "selected" in given):
                form.given[name] = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = (None, "")

    def _form(self, given: Mapping[str, str]) -> Target:
        action = urlsplit(given.get("action") or self.page)
        if action.netloc:
            return Target("GET", self.page)
        made = Target(given.get("method", "get").upper(), action.path or self.page)
        self.targets.append(made)
        if "id" in given:
            self.by_id[given["id"]] = made
        return made

    def _of(self, given: Mapping[str, str]) -> Target | None:
        return self.by_id.get(given["form"]) if "form" in given else self.open

    def _field(self, tag: str, form: Target, given: Mapping[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        if name == "csrfmiddlewaretoken":
            return
        if tag == "select":
            self.select = (form, name)
        elif kind == "file":
            form.files.add(name)
        elif kind in ("checkbox", "radio"):
            form.given.setdefault(name, [given.get("value", "on")])
        elif tag == "button":
            form.names.add(name)
        else:
            form.given[name] = [given.get("value", "")]


def _patterns() -> list[tuple[str, Any]]:
    return sorted(walk(get_resolver().url_patterns, ""), key=lambda one: one[0])


def _open_address(prefix: str, arguments: dict[str, str], odd: str = "") -> str:
    """An address of this pattern: good, or with ``odd`` in the place of its last argument."""
    path = prefix.replace("^", "").replace("$", "").replace("\\Z", "")
    if path.startswith("c/<slug:company>/") and not odd:
        return address(path, "acme", arguments)
    path = path.replace("<slug:company>", "acme") if path.count("<") > 1 else path
    for name, good in (
        ("<slug:channel_name>", "lazada"),
        ("<str:mark>", "MQ"),
        ("<str:token>", "t-1"),
    ):
        path = path.replace(name, odd or good)
    before, _, rest = path.partition("<")
    if rest:
        path = f"{before}{odd or '1'}{rest.partition('>')[2]}"
    if "(?P" in path:
        path = f"{path.partition('(?P')[0]}{odd or '1'}/"
    return f"/{path}"


def _encoded(values: Mapping[str, Iterable[str]]) -> str:
    pairs = [(name, one) for name, many in values.items() for one in many]
    return urlencode(pairs).replace("%25ED%25A0%25BD", "%ED%A0%BD")


def _with_files(values: Mapping[str, list[str]], names: Iterable[str]) -> dict[str, Any]:
    made: dict[str, Any] = dict(values)
    for name in names:
        made[name] = BytesIO(b"\x89PNG\r\n\x1a\n\x00odd")
    return made
