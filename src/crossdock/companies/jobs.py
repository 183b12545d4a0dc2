"""The jobs of this room: letters. A job carries numbers only; link and address are looked up when it runs."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from crossdock.companies.letters import LetterNotSent, one_line, public, write
from crossdock.companies.models import AddressChange, Invitation, Person
from crossdock.companies.only_one import Patiently
from crossdock.companies.scope import company_scope

_QUEUE = "slow"
_AGAIN = Patiently(max_attempts=8, exponential_wait=4)
_BEFORE_PAPERS = 10
"""Somebody waits for a letter: it goes before the large work of its queue."""


@app.task(name="companies.mail_invitation", queue=_QUEUE, retry=_AGAIN, priority=_BEFORE_PAPERS)
def mail_invitation(company_id: int, invitation_id: int, link_number: int) -> None:
    """Send an invitation's link, if it is good still."""
    from crossdock.companies.invitations import link_of

    with company_scope(company_id):
        asked = Invitation.objects.filter(
            pk=invitation_id, link_number=link_number, revoked_at=None, accepted_at=None,
            expires_at__gt=timezone.now(),
        )  # fmt: skip
        invitation = asked.select_related("company", "invited_by").first()
        if invitation is None:
            return
        sender, company = (
            one_line(invitation.invited_by or "An owner"),
            one_line(invitation.company),
        )
        context = {"role": invitation.role, "sender": sender, "company": company}
        subject = f"{sender} invites you to {company}"
        try:
            write("invitation", invitation.email, subject, context | {"url": link_of(invitation)})
        except LetterNotSent as problem:
            asked.update(mail_problem=str(problem))
            raise
        asked.update(mailed_at=timezone.now(), mail_problem="")


@app.task(name="companies.mail_address_link", queue=_QUEUE, retry=_AGAIN, priority=_BEFORE_PAPERS)
def mail_address_link(change_id: int, link_number: int) -> None:
    """Ask the mailbox of a new address. One that can log in here already is told that instead."""
    from crossdock.companies.login_address import is_somebody_elses, link_of, living

    change = living().filter(pk=change_id, link_number=link_number).first()
    if change is None:
        return
    if is_somebody_elses(change):
        context = {"change": change, "url": public("account_reset_password")}
        write("address_in_use", change.address, "This address can log in already", context)
    else:
        context = {"change": change, "url": link_of(change)}
        write("address_link", change.address, "Is this your address?", context)


@app.task(
    name="companies.mail_address_changed", queue=_QUEUE, retry=_AGAIN, priority=_BEFORE_PAPERS
)
def mail_address_changed(change_id: int) -> None:
    """Tell the old address."""
    change = AddressChange.objects.get(pk=change_id)
    subject = "Your address in Crossdock was changed"
    write("address_changed", change.before, subject, {"change": change, "url": public("home")})


@app.task(name="companies.mail_reset", queue=_QUEUE, retry=_AGAIN, priority=_BEFORE_PAPERS)
def mail_reset(person_id: int) -> None:
    """Send the link with which somebody sets a new password."""
    from crossdock.companies.passwords import reset_link

    person = Person.objects.filter(pk=person_id, is_active=True).first()
    if person is not None:
        write("reset", person.email, "Set a new password", {"url": reset_link(person)})
