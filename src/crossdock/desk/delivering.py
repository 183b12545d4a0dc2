"""What the seller's own driver tells of one order: delivered, to whom, or not, and why; with a photo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from crossdock.buttons.asking import ask, begin, chosen_orders, go_back, sorted_out
from crossdock.channels.contract import Channel
from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders import proofs
from crossdock.orders.marks import note_delivery_try
from crossdock.orders.models import DeliveryTry
from crossdock.orders.record import locked
from crossdock.pictures.squares import NotAPicture, drawn_anew
from crossdock.ui.sent import text_of
from crossdock.ui.sent_size import takes_files
from crossdock.work.action import Action, action_named

DELIVERED, AGAIN, BACK = "delivered", "again", "back"
REASONS = (
    "nobody was there",
    "the address is wrong or incomplete",
    "the buyer refused it",
    "the buyer asked for another day",
    "it was damaged on the way",
)
_OTHER = "other"
_LARGEST = 15 * 1024 * 1024
_LONGEST_SIDE = 1600


class PhotoField(forms.FileField):
    """A photo from a phone; cleans to a picture drawn anew, without what the camera wrote into it."""

    widget = forms.FileInput({"accept": "image/*", "capture": "environment"})

    def clean(self, data: Any, initial: Any = None) -> bytes:
        file = super().clean(data, initial)
        if not file:
            return b""
        body = bytes(file.read(_LARGEST + 1))
        if len(body) > _LARGEST:
            raise ValidationError("The photo is larger than 15 MB.")
        try:
            return drawn_anew(body, _LONGEST_SIDE)
        except NotAPicture as problem:
            raise ValidationError(str(problem)) from None


class DeliveryForm(forms.Form):
    """How a delivery went."""

    outcome = forms.ChoiceField(label="How it went", widget=forms.RadioSelect)
    recipient = forms.CharField(label="Who took it", max_length=100, required=False)
    reason = forms.ChoiceField(label="Why it was not delivered", required=False)
    words = forms.CharField(label="In your own words", max_length=150, required=False)
    photo = PhotoField(label="Photo", required=False)

    def __init__(self, known: Channel, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.label_suffix = ""
        outcomes = [(DELIVERED, "Delivered"), (AGAIN, "Not delivered: it will be tried again")]
        if known.can.fail_delivery:
            outcomes.append((BACK, f"Not delivered: it comes back for good; {known.title} is told"))
        reasons = [(one, one.capitalize()) for one in REASONS]
        self.fields["outcome"].choices = outcomes  # type: ignore[attr-defined]
        self.fields["reason"].choices = [  # type: ignore[attr-defined]
            ("", "Choose a reason"), *reasons, (_OTHER, "Something else"),
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        reason, words = given.get("reason", ""), given.get("words", "").strip(" .")
        given["failed_because"] = ""
        if given.get("outcome") in (AGAIN, BACK):
            if not reason:
                self.add_error("reason", "Say why it was not delivered.")
            elif reason == _OTHER and not words:
                self.add_error("words", "Say in a few words why it was not delivered.")
            given["failed_because"] = words if reason == _OTHER else _joined(reason, words)
            given["recipient"] = ""
        return given


def _joined(reason: str, words: str) -> str:
    return f"{reason} ({words})" if words else reason


@require_http_methods(["GET", "POST"])
@needs(Deed.FULFIL)
@takes_files(megabytes=24)
def delivery(request: CompanyRequest, pk: int) -> HttpResponse:
    """Ask how the delivery of an order went; keep it, and mark or tell what follows."""
    orders = chosen_orders([pk])
    if not orders:
        raise Http404("There is no such order.")
    (order,) = orders
    known = channel(order.store.channel)
    action = action_named("deliver")
    going, stopped = sorted_out(action, orders, {})
    filled = request.method == "POST"
    form = DeliveryForm(
        known,
        request.POST if filled else None,
        request.FILES if filled else None,
        initial={"outcome": DELIVERED},
    )
    if filled and going and form.is_valid():
        return _keep(request, pk, action, form.cleaned_data)
    context = {
        "title": "How did the delivery go?",
        "verb": "Save",
        "back": reverse("desk:order", args=[request.company.slug, pk]),
        "from_order": str(pk),
        "order": order,
        "form": form,
        "going": going,
        "can_go": bool(going),
        "stopped": stopped.most_common(),
    }
    return ask(request, "desk/_ask_delivery.html", context)


def _keep(request: CompanyRequest, pk: int, deliver: Action, given: dict[str, Any]) -> HttpResponse:
    photo = proofs.keep(request.company.pk, given["photo"]) if given["photo"] else ""
    with transaction.atomic():
        (order,) = locked([pk])
        note_delivery_try(
            order,
            request.user,
            text_of(request.POST, "form_key", 64),
            failed_because=given["failed_because"],
            recipient=given["recipient"],
            photo=photo,
        )
    if given["outcome"] == AGAIN:
        messages.success(request, "Kept: it was not delivered, and waits to be tried again.")
        return go_back(request)
    return begin(
        request, deliver if given["outcome"] == DELIVERED else action_named("fail_delivery"), [pk]
    )


@require_GET
@needs(Deed.SEE_BUYER)
def photo(_request: CompanyRequest, pk: int) -> HttpResponse:
    """The photo of a delivery."""
    found = get_object_or_404(DeliveryTry.objects.exclude(photo=""), pk=pk)
    try:
        body = proofs.read(found.photo)
    except FileNotFoundError:
        raise Http404("This photo is not kept any more.") from None
    answer = HttpResponse(body, content_type="image/webp")
    answer["Cache-Control"] = "private, no-store"
    return answer
