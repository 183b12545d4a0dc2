"""Asking an address to join a company. Nobody is in, and nothing is told of them, before they agree.

The same is done and said for addresses that can log in here and for those that cannot: an owner who
invites learns nothing about another company's people.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from crossdock.companies.jobs import mail_invitation
from crossdock.companies.letters import mail_works, public
from crossdock.companies.models import Company, Invitation, Membership, Person, Voucher
from crossdock.companies.rights import RIGHTS, Deed, Role
from crossdock.companies.scope import all_companies, company_scope

VALID_FOR = timedelta(hours=24)


class NotInvited(Exception):
    """Nobody was invited; the message says why."""


class LinkIsDead(Exception):
    """The invitation was accepted, revoked, renewed, or is too old."""


class Answer(StrEnum):
    """What a visitor must do to answer an invitation."""

    AGREE = "agree"
    SET_PASSWORD = "set a password"  # noqa: S105 - a deed
    LOG_IN = "log in"
    CHANGE_PERSON = "log in as somebody else"


def invite(company: Company, sender: Person, *, email: str, name: str, role: str) -> Invitation:
    """Ask this address to join; an open invitation of it is renewed, with this role.

    Raises NotInvited for a member, who keeps their role, and for a sender who may no longer invite;
    ValueError for an unknown role.
    """
    role = Role(role).value
    with transaction.atomic():
        _still_invites(company, sender)
        if member := _member(company, email):
            raise NotInvited(
                f"{member.person} ({email}) is a member already, as {member.role}, and stays that. "
                "Roles are changed in the list above."
            )
        invitation, _ = Invitation.objects.select_for_update().get_or_create(
            company=company,
            email=email,
            revoked_at=None,
            accepted_at=None,
            defaults={"role": role, "expires_at": timezone.now() + VALID_FOR},
        )
        invitation.role, invitation.name = role, name
        return _give_link(invitation, sender)


def renew(company: Company, sender: Person, invitation_id: int) -> Invitation:
    """Give an open invitation a new link, good for another day. Raises LinkIsDead, NotInvited."""
    with transaction.atomic():
        _still_invites(company, sender)
        return _give_link(_locked(invitation_id), sender)


def revoke(invitation_id: int) -> Invitation:
    """Take an open invitation back: its link is dead. Raises LinkIsDead."""
    with transaction.atomic():
        invitation = _locked(invitation_id)
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
    return invitation


def decline(invitation: Invitation) -> None:
    """Whoever was asked says no. Raises LinkIsDead."""
    with company_scope(invitation.company_id):
        revoke(invitation.pk)


def revoke_sent_by(sender: Person, company: Company) -> None:
    """What somebody sent who may no longer invite is dead."""
    open_in(company).filter(invited_by=sender).update(revoked_at=timezone.now())


def revoke_sent_to(person: Person, company: Company) -> None:
    """What was open to somebody who was let go is dead: a link from before brings nobody back."""
    open_in(company).filter(email=person.email).update(revoked_at=timezone.now())


def open_in(company: Company) -> QuerySet[Invitation]:
    """What is neither accepted nor revoked, the expired too: they can be renewed."""
    return Invitation.objects.filter(company=company, revoked_at=None, accepted_at=None)


def waiting_for(person: Person) -> list[Invitation]:
    """The invitations that this person may answer without their link: the address is proven theirs."""
    if not person.is_proven:
        return []
    with all_companies():
        asked = Invitation.objects.filter(
            email=person.email, revoked_at=None, accepted_at=None, expires_at__gt=timezone.now()
        )
        return list(asked.select_related("company", "invited_by").order_by("pk"))


def link_of(invitation: Invitation) -> str:
    """The one living link of an invitation."""
    return public("join", _signer().sign(f"{invitation.pk}.{invitation.link_number}"))


def opened(token: str) -> Invitation:
    """The invitation of a link. Raises LinkIsDead."""
    try:
        pk, number = _signer().unsign(token).split(".")
    except BadSignature:
        raise LinkIsDead from None
    with all_companies():
        invitation = (
            Invitation.objects.select_related("company", "invited_by")
            .filter(pk=int(pk), link_number=int(number))
            .first()
        )
    if invitation is None or not _is_open(invitation):
        raise LinkIsDead
    return invitation


def way_to_answer(invitation: Invitation, visitor: Person | None, *, by_link: bool) -> Answer:
    """What this visitor must do to answer; ``by_link``: they hold the invitation's link.

    A link that went out by mail proves the address. One that an owner handed on does not: it lets a
    newcomer in, and for an address that can log in here it counts beside that login alone.
    """
    invited = Person.objects.filter(email=invitation.email).first()
    if visitor is not None:
        may_agree = visitor == invited and (by_link or visitor.is_proven)
        return Answer.AGREE if may_agree else Answer.CHANGE_PERSON
    if not by_link or (invited and not invitation.by_mail):
        return Answer.LOG_IN
    return Answer.AGREE if invited and invited.is_proven else Answer.SET_PASSWORD


def accept(invitation: Invitation, visitor: Person | None, *, by_link: bool) -> Membership:
    """The invited person agrees: they are in. Raises LinkIsDead.

    What may be answered how is asked again, on rows that stand still.
    """
    with transaction.atomic():
        ours, invited = _as_it_was(invitation)
        if invited is None or way_to_answer(ours, visitor, by_link=by_link) is not Answer.AGREE:
            raise LinkIsDead
        return _join(ours, invited, is_proof=by_link and ours.by_mail)


def accept_with_password(invitation: Invitation, password: str) -> Membership:
    """Whoever holds the link sets a password and is in. Raises LinkIsDead.

    Where the address could log in already but nobody had proven it, the mailbox wins: the password
    set before ends, and with it every session.
    """
    try:
        with transaction.atomic():
            ours, invited = _as_it_was(invitation)
            if way_to_answer(ours, None, by_link=True) is not Answer.SET_PASSWORD:
                raise LinkIsDead
            person = invited or Person(email=ours.email, name=ours.name)
            person.set_password(password)
            person.save()
            return _join(ours, person, is_proof=ours.by_mail)
    except IntegrityError:  # another company's link made the same newcomer at this moment
        raise LinkIsDead from None


def _join(invitation: Invitation, person: Person, *, is_proof: bool) -> Membership:
    if is_proof:
        person.vouched_by = Voucher.MAIL
        person.save(update_fields=["vouched_by"])
    membership, _ = Membership.objects.get_or_create(
        company=invitation.company, person=person, defaults={"role": invitation.role}
    )
    invitation.accepted_at = timezone.now()
    with company_scope(invitation.company_id):
        invitation.save(update_fields=["accepted_at"])
    return membership


def _give_link(invitation: Invitation, sender: Person) -> Invitation:
    """The next link; the letter with it is ordered in the same transaction."""
    invitation.link_number += 1
    invitation.invited_by = sender
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.by_mail = mail_works()
    invitation.mailed_at, invitation.mail_problem = None, ""
    invitation.save()
    if invitation.by_mail:
        mail_invitation.defer(
            company_id=invitation.company_id,
            invitation_id=invitation.pk,
            link_number=invitation.link_number,
        )
    return invitation


def _still_invites(company: Company, sender: Person) -> None:
    """Nobody invites whose right was taken meanwhile: the row is locked, as removing locks it."""
    roles = RIGHTS[Deed.ADMINISTER]
    held = Membership.objects.select_for_update().filter(
        company=company, person=sender, role__in=roles
    )
    if not held.exists():
        raise NotInvited("You may no longer let anybody in.")


def _member(company: Company, email: str) -> Membership | None:
    members = Membership.objects.select_related("person").filter(company=company)
    return members.filter(person__email=email).first()


def _as_it_was(invitation: Invitation) -> tuple[Invitation, Person | None]:
    """The invitation, if it still is what the visitor saw, and who can log in with its address; both
    locked. Raises LinkIsDead."""
    with company_scope(invitation.company_id):
        ours = _locked(invitation.pk)
    if ours.link_number != invitation.link_number or not _is_open(ours):
        raise LinkIsDead
    return ours, Person.objects.select_for_update().filter(email=ours.email).first()


def _locked(invitation_id: int) -> Invitation:
    """An invitation that is neither accepted nor revoked. Raises LinkIsDead."""
    found = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("company")
        .filter(pk=invitation_id, revoked_at=None, accepted_at=None)
        .first()
    )
    if found is None:
        raise LinkIsDead
    return found


def _is_open(invitation: Invitation) -> bool:
    return not (invitation.accepted_at or invitation.revoked_at or invitation.is_expired)


def _signer() -> Signer:
    return Signer(salt="crossdock.companies.invitation")
