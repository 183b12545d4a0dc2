"""What was asked of addresses is not kept for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from crossdock.companies.invitations import invite
from crossdock.companies.login_address import ask_for
from crossdock.companies.models import AddressChange, Invitation, Tally
from crossdock.companies.scope import company_scope
from crossdock.ops.retention import old_invitations
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_invitations_changes_and_tries_go_when_they_have_long_ended(cast: Cast) -> None:
    long_ago = timezone.now() - timedelta(days=31)
    with company_scope(cast.acme):
        for name in ("old", "new"):
            invite(cast.acme, cast.alice, email=f"{name}@example.test", name="", role="viewer")
        Invitation.objects.filter(email="old@example.test").update(expires_at=long_ago)
    ask_for(cast.pat, "old@home.test")
    AddressChange.objects.update(asked_at=long_ago)
    ask_for(cast.vic, "new@home.test")
    cache.set("old", 1, -1)
    cache.set("new", 1, 60)
    old_invitations()
    with company_scope(cast.acme):
        assert list(Invitation.objects.values_list("email", flat=True)) == ["new@example.test"]
    assert list(AddressChange.objects.values_list("address", flat=True)) == ["new@home.test"]
    assert Tally.objects.count() == 1
