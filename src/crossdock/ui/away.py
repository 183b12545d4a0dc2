"""What people see while the database is away, or the store of files: a page that says so, and comes back by
itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import psycopg
from django.db import InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from crossdock.filing import StoreAway
from crossdock.ui.sent import text_of
from crossdock.ui.theme import theme_of

View = TypeVar("View", bound=Callable[..., HttpResponse])

_NO_DATABASE, _NO_FILES = "The database is away", "The store of files is away"
FILES_WORDS = (
    "The place where labels, papers and pictures are kept does not answer at the moment. Nothing that was confirmed "
    "is lost: try again in a moment. Whoever runs this installation can see why with crossdock check."
)
WORDS = (
    "The database is away at the moment. Nothing that was confirmed is lost, and all goes on by itself "
    "when it is back. Look whether what you sent just now was done before you send it again."
)
_RETRY_AFTER = 2
_CLOSING = frozenset({"57P01", "57P02", "57P03", "53300"})
"""Being shut down, crashed, starting up, out of connections."""
_CONNECTION_BROKE = "08"
_DEPTH = 10


def is_away(problem: BaseException | None) -> bool:
    """Whether this came of a database that does not answer, and not of what it was asked."""
    return any(_tells_of_it(cause) for cause in _causes(problem))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's answer to whatever went wrong, in a view or around it: a company's pages call their views
    themselves, so that no middleware sees what these raise."""
    problem = sys.exc_info()[1]
    if any(isinstance(cause, StoreAway) for cause in _causes(problem)):
        return _answer(request, _NO_FILES, FILES_WORDS)
    if not is_away(problem):
        return defaults.server_error(request)
    if any(isinstance(cause, psycopg.errors.ConnectionTimeout) for cause in _causes(problem)):
        AnswerWhileAway.hopeless_until = time.monotonic() + _RETRY_AFTER
    return _answer(request)


class AnswerWhileAway:
    """Once somebody waited in vain for the database's host, nobody else does for a moment: threads are few."""

    hopeless_until = 0.0

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        """Answer in place of a view that would wait as well."""
        hopeless = time.monotonic() < self.hopeless_until
        return _answer(request) if hopeless and not getattr(view, "works_without", False) else None


def works_without_database(view: View) -> View:
    """Mark a view that asks no database, or tells whether it is there."""
    view.works_without = True  # type: ignore[attr-defined]
    return view


def _answer(request: HttpRequest, title: str = _NO_DATABASE, words: str = WORDS) -> HttpResponse:
    """A page for people; for scripts and parts of pages, the words alone."""
    answer: HttpResponse
    accepted = text_of(request.headers, "Accept")
    if text_of(request.headers, "HX-Request"):
        answer = HttpResponse(words, content_type="text/plain; charset=utf-8", status=503)
    elif "html" not in accepted and ("json" in accepted or _asked_by_script(request)):
        answer = JsonResponse({"words": words}, status=503)
    else:
        told = {
            "asked": request.method in ("GET", "HEAD"),
            "title": title,
            "words": words,
            "theme": theme_of(request),
        }
        answer = HttpResponse(render_to_string("503.html", told), status=503)
    answer.headers["Retry-After"] = str(_RETRY_AFTER)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked_by_script(request: HttpRequest) -> bool:
    return text_of(request.headers, "Sec-Fetch-Dest") == "empty"


def _tells_of_it(problem: BaseException) -> bool:
    if isinstance(problem, (InterfaceError, psycopg.InterfaceError)):
        return "connection" in str(problem)
    if not isinstance(problem, psycopg.OperationalError):
        return False
    state = problem.sqlstate
    return state is None or state in _CLOSING or state.startswith(_CONNECTION_BROKE)


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    """A problem, and what it came of."""
    for _ in range(_DEPTH):
        if problem is None:
            return
        yield problem
        problem = problem.__cause__ or problem.__context__
