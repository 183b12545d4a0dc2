"""Pictures go once no order has named them for half a year."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from crossdock.ops import retention
from crossdock.ops.retention import old_pictures
from crossdock.pictures.files import name_of
from crossdock.pictures.models import LARGE, SMALL, Picture
from crossdock.pictures.wanting import want
from tests.cast import Cast
from tests.kept import place_of
from tests.pictures.drawn import URL, kept_picture

pytestmark = pytest.mark.django_db


def unused_for(days: int, *urls: str) -> None:
    rows = Picture.objects.filter(url__in=urls)
    rows.update(seen_at=F("seen_at") - timedelta(days=days))


def test_unused_pictures_go_with_their_files_and_others_stay(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_CHUNK", 2)
    old = [kept_picture(acme.acme, f"{URL}?old={number}") for number in range(5)]
    young = kept_picture(acme.acme, f"{URL}?young")
    unused_for(181, *(one.url for one in old))
    unused_for(179, young.url)
    assert old_pictures() == 5
    assert old_pictures() == 0
    assert Picture.objects.get() == young
    assert not any(place_of(name_of(one, size)).exists() for one in old for size in (SMALL, LARGE))
    assert place_of(name_of(young, SMALL)).exists()


def test_whoever_is_stopped_in_between_leaves_no_hole(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = kept_picture(acme.acme)
    unused_for(181, URL)

    def stop(_: Picture) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr(retention, "remove", stop)
        with pytest.raises(KeyboardInterrupt):
            old_pictures()
    assert not Picture.objects.filter(fetched_at__isnull=False).exists()
    want(acme.acme.pk, [URL])
    assert Picture.objects.get().due_at, "a line names it again: it is fetched anew"
    assert old_pictures() == 0
    assert Picture.objects.get() == picture
