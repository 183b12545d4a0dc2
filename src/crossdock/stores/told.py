"""What came of linking, in words for the person who did it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest

from crossdock.stores.link import Linked


def tell(request: HttpRequest, found: Linked) -> None:
    """Leave the messages for the next page."""
    if found.missed is not None:
        messages.error(request, _missed(found, str(found.missed)))
    elif found.renewed:
        messages.success(
            request, f"Linked again: {_listed([one.name for one in found.renewed])}. Work goes on."
        )
    if found.new:
        messages.success(
            request,
            f"Linked: {_listed([store.name for store in found.new])}. The orders are coming in.",
        )
    if found.taken:
        messages.warning(
            request,
            f"Not linked: {_listed(found.taken)}. A shop can be linked in one company of this "
            "installation only: unlink it there first.",
        )
    if found.beside and found.missed is None:
        messages.info(
            request,
            f"The same login also opens {_listed(found.beside)}: use Link a store for that.",
        )


def _missed(found: Linked, wanted: str) -> str:
    """The seller logged in as somebody else than the shop that was to be linked again."""
    came = [store.name for store in found.stores] + found.beside + found.taken
    renewed = (
        f" {_listed([one.name for one in found.renewed])} got new tokens." if found.renewed else ""
    )
    return (
        f"{wanted} was to be linked again, but the login opened another shop: {_listed(came)}. "
        f"{wanted} is as it was.{renewed} Log out at the marketplace, then link again as {wanted}."
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
