"""The address somebody logs in with: another one counts once a letter to it was answered."""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crossdock.companies.jobs import mail_address_changed, mail_address_link
from crossdock.companies.letters import public
from crossdock.companies.models import AddressChange, Person, Voucher

VALID_FOR = timedelta(hours=1)


class NotTaken(Exception):
    """The address stays what it was; the message says why."""


def ask_for(person: Person, address: str) -> AddressChange:
    """Send a link to an address that this person says is theirs (it may be the one they have).

    Nothing here tells whether somebody else has it: the letter does, to whoever reads that mailbox.
    """
    with transaction.atomic():
        change, _ = AddressChange.objects.select_for_update().get_or_create(
            person=person, taken_at=None, defaults={"address": address, "asked_at": timezone.now()}
        )
        change.address, change.before = address, person.email
        change.link_number += 1
        change.asked_at = timezone.now()
        change.save()
        mail_address_link.defer(change_id=change.pk, link_number=change.link_number)
    return change


def living() -> QuerySet[AddressChange]:
    """The changes whose letter may still be answered."""
    since = timezone.now() - VALID_FOR
    return AddressChange.objects.select_related("person").filter(taken_at=None, asked_at__gt=since)


def asked_of_late(person: Person) -> AddressChange | None:
    """The address whose letter waits for its answer."""
    return living().filter(person=person).first()


def link_of(change: AddressChange) -> str:
    """The one living link of a change."""
    return public("account_confirm_address", _signer().sign(f"{change.pk}.{change.link_number}"))


def opened(token: str, person: Person) -> AddressChange:
    """The change of a link, for the person who asked for it and nobody else. Raises NotTaken."""
    try:
        pk, number = _signer().unsign(token).split(".")
    except BadSignature:
        raise NotTaken("This link is not whole: open it as it stands in the letter.") from None
    change = living().filter(pk=int(pk), link_number=int(number)).first()
    if change is None:
        raise NotTaken("This link was used already, or is older than an hour. Ask for a new one.")
    if change.person_id != person.pk:
        raise NotTaken("This link was asked for by another login. Nothing was changed.")
    return change


def take(change: AddressChange) -> None:
    """The letter was answered: from now on its reader logs in with this address; the old one is told.

    Raises NotTaken when somebody else can log in with it, or the person's address is no longer the
    one that it was asked for beside.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=change.person_id)
        ours = AddressChange.objects.select_for_update().get(pk=change.pk)
        if ours.taken_at or ours.link_number != change.link_number or ours.before != person.email:
            raise NotTaken("This link was used already. Ask for a new one.")
        if is_somebody_elses(ours):
            raise NotTaken(
                f"Another login has {ours.address} already. Use that one; if its password is lost, "
                "reset it there."
            )
        person.email, person.vouched_by = ours.address, Voucher.MAIL
        person.save(update_fields=["email", "vouched_by"])
        ours.taken_at = timezone.now()
        ours.save(update_fields=["taken_at"])
        if ours.before != ours.address:
            mail_address_changed.defer(change_id=ours.pk)


def is_somebody_elses(change: AddressChange) -> bool:
    """Whether another person can log in with the wanted address."""
    return Person.objects.filter(email=change.address).exclude(pk=change.person_id).exists()


def _signer() -> Signer:
    return Signer(salt="crossdock.companies.login_address")
