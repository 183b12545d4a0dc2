"""Warnings before an authorisation ends: each once, to every owner, where mail can be sent.

The pages show the same by themselves (``stores.context``).
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from crossdock.channels.registry import channel
from crossdock.companies.letters import mail_works
from crossdock.companies.models import Membership
from crossdock.companies.rights import RIGHTS, Deed
from crossdock.stores.calendar import Stage, ending_of
from crossdock.stores.models import Store


def stage_to_tell(store: Store) -> Stage | None:
    """The stage that nobody has been told of yet; the store is marked as told. None: nothing is new.

    An end that has moved away again (a refresh, a new link) lets the next warnings come anew.
    In the caller's transaction, so that the mark and the letters' jobs are written together.
    """
    stage = ending_of(store).stage
    if stage == store.token_warned:
        return None
    marked = Store.objects.filter(pk=store.pk, token_warned=store.token_warned).update(
        token_warned=stage.value
    )
    worse = bool(marked) and Stage(store.token_warned) in stage.milder
    return stage if worse else None


def owners_of(store: Store) -> list[int]:
    """The people who are told: all who may link the store again."""
    return list(
        Membership.objects.filter(
            company_id=store.company_id,
            role__in=RIGHTS[Deed.ADMINISTER],
            person__is_active=True,
        ).values_list("person_id", flat=True)
    )


def send(store: Store, stage: Stage, person_id: int) -> bool:
    """Write to one owner; False when there is no reason any more, or no way.

    Raises what the mail server's library raises: the job tries again.
    """
    told = Membership.objects.select_related("person", "company").filter(
        company_id=store.company_id, person_id=person_id, role__in=RIGHTS[Deed.ADMINISTER]
    )
    owner = told.first()
    ending = ending_of(store)
    if owner is None or not mail_works() or ending.stage is not stage or store.unlinked_at:
        return False
    context = {
        "owner": owner.person,
        "company": owner.company,
        "store": store,
        "channel": channel(store.channel).title,
        "ending": ending,
        "is_dead": stage is Stage.DEAD,
        "end": ending.end and ending.end.astimezone(owner.company.zone),
        "url": settings.PUBLIC_URL + reverse("stores:stores", args=[owner.company.slug]),
    }
    EmailMessage(
        subject=_one_line(_subject(store, stage, ending.days)),
        body=render_to_string("stores/ends.txt", context),
        to=[owner.person.email],
    ).send()
    return True


def tell_if_due(store: Store) -> list[tuple[int, Stage]]:
    """The letters that are to be written for a store now: (person, stage). See ``stage_to_tell``."""
    with transaction.atomic():
        stage = stage_to_tell(store)
        if stage is None or not mail_works():
            return []
        return [(person_id, stage) for person_id in owners_of(store)]


def _subject(store: Store, stage: Stage, days: int | None) -> str:
    if stage is Stage.DEAD:
        return f"{store.name} must be linked again"
    left = "less than a day" if not days else f"{days} day{'' if days == 1 else 's'}"
    return f"{store.name}: {left} left to link it again"


def _one_line(text: str) -> str:
    """A shop's name may hold what a subject must not."""
    return " ".join(text.split())
