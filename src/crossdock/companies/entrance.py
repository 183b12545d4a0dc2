"""The way into a company: its name is in the address, strangers find nothing there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from crossdock.companies.models import Membership
from crossdock.companies.only_one import copy_of
from crossdock.companies.rights import Deed, may
from crossdock.companies.scope import company_scope
from crossdock.companies.types import CompanyRequest

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class CompanyEntrance:
    """Opens the company's scope around every view whose address names a company."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Let a member in; send a visitor to the login; a stranger gets 404.

        The view finds the company on the request, so that its own arguments are the rest.
        """
        slug = kwargs.get("company")
        if slug is None:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        membership = (
            Membership.objects.select_related("company", "person")
            .filter(company__slug=slug, person_id=request.user.pk)
            .annotate(copy_of=copy_of())
            .first()
        )
        if membership is None:
            raise Http404("There is no such company.")
        ours = cast(CompanyRequest, request)
        ours.company, ours.membership = membership.company, membership
        with company_scope(membership.company):
            answer = view(
                request, *args, **{name: kwargs[name] for name in kwargs if name != "company"}
            )
            if hasattr(answer, "render") and callable(answer.render):
                answer = answer.render()
        return answer


def needs(deed: Deed) -> Callable[[View], View]:
    """Let only those in who may do this; the others get 403. Every view of a company carries one."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: CompanyRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.membership, deed):
                raise PermissionDenied(
                    f"Your role in {request.company} does not include this: {deed}."
                )
            return view(request, *args, **kwargs)

        guarded.needs = deed  # type: ignore[attr-defined]
        return cast(View, guarded)

    return wrap
