"""What is due is fetched once, kept, and tried again at growing distances."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.pictures import fetch
from crossdock.pictures.due import MOST_TRIES, due, take
from crossdock.pictures.fetch import fetch_due
from crossdock.pictures.files import name_of
from crossdock.pictures.models import LARGE, SMALL, Picture
from crossdock.pictures.wanting import want
from tests.cast import Cast
from tests.kept import place_of
from tests.pictures.cdn import Cdn
from tests.pictures.drawn import drawn, opened

pytestmark = pytest.mark.django_db


def fetch_now() -> None:
    fetch_due(seconds=30)


def time_passes(span: timedelta) -> None:
    """As if so much time had passed for every picture."""
    Picture.objects.update(due_at=F("due_at") - span, seen_at=F("seen_at") - span)


def test_a_picture_is_asked_for_once_and_kept_in_two_sizes(acme: Cast, cdn: Cdn) -> None:
    want(acme.acme.pk, [cdn.put("/mug.png", drawn("PNG", (900, 900)))])
    fetch_now()
    (picture,) = Picture.objects.all()
    assert picture.fetched_at
    assert (picture.due_at, picture.problem) == (None, "")
    for size in (SMALL, LARGE):
        assert opened(place_of(name_of(picture, size)).read_bytes()).size == (size, size)
    want(acme.acme.pk, [picture.url])
    fetch_now()
    assert cdn.asked == ["/mug.png"]


def test_one_that_fails_stops_no_other(acme: Cast, cdn: Cdn) -> None:
    good = [cdn.put(f"/{number}.png", drawn()) for number in range(4)]
    bad = [
        cdn.put("/page.png", b"<html>", kind="text/html"),
        cdn.put("/cut.png", drawn("PNG", (200, 200))[:-30]),
        cdn.put("/away.png", b"", 404),
        cdn.redirect("/inside.png", "http://169.254.169.254/"),
        "ftp://nowhere.example/x.png",
    ]
    want(acme.acme.pk, [*good, *bad])
    fetch_now()
    assert set(Picture.objects.exclude(fetched_at=None).values_list("url", flat=True)) == set(good)
    problems = dict(Picture.objects.filter(fetched_at=None).values_list("url", "problem"))
    assert problems.keys() == set(bad)
    assert all(problems.values())


def test_a_try_that_failed_is_repeated_at_growing_distances_and_then_given_up(
    acme: Cast, cdn: Cdn
) -> None:
    want(acme.acme.pk, [cdn.put("/mug.png", b"", 404)])
    waits = []
    for tried in range(1, MOST_TRIES + 1):
        fetch_now()
        fetch_now()
        assert len(cdn.asked) == tried, "it is not asked for before its time"
        (picture,) = Picture.objects.all()
        if picture.due_at:
            waits.append((picture.due_at - timezone.now()).total_seconds())
            time_passes(timedelta(seconds=waits[-1] + 1))
    assert waits == sorted(waits)
    assert waits[0] < 61
    assert waits[-1] > 80_000
    assert Picture.objects.get().due_at is None
    assert not due().exists()


def test_a_given_up_picture_gets_one_try_a_day_when_lines_name_it_again(
    acme: Cast, cdn: Cdn
) -> None:
    url = cdn.put("/mug.png", b"", 404)
    want(acme.acme.pk, [url])
    Picture.objects.update(tries=MOST_TRIES, due_at=None)
    want(acme.acme.pk, [url])
    fetch_now()
    assert cdn.asked == [], "it was named today already"
    time_passes(timedelta(days=1))
    want(acme.acme.pk, [url])
    want(acme.acme.pk, [url])
    fetch_now()
    fetch_now()
    assert len(cdn.asked) == 1
    time_passes(timedelta(days=1))
    cdn.put("/mug.png", drawn())
    want(acme.acme.pk, [url])
    fetch_now()
    assert Picture.objects.get().fetched_at


def test_a_host_that_is_down_is_asked_three_times_for_all_of_its_pictures(
    acme: Cast, cdn: Cdn
) -> None:
    want(acme.acme.pk, [cdn.put(f"/{number}.png", b"", 503) for number in range(30)])
    fetch_now()
    assert len(cdn.asked) == 3
    assert not due().exists()
    assert set(Picture.objects.values_list("tries", flat=True)) == {1}
    time_passes(timedelta(minutes=2))
    for number in range(30):
        cdn.put(f"/{number}.png", drawn())
    fetch_now()
    assert not Picture.objects.filter(fetched_at=None).exists()


def test_a_few_pictures_that_never_come_do_not_take_their_host_down_for_good(
    acme: Cast, cdn: Cdn
) -> None:
    """They are tried in no order, so that it is not always these few that come first."""
    want(acme.acme.pk, [cdn.put(f"/bad-{number}.png", b"", 500) for number in range(3)])
    want(acme.acme.pk, [cdn.put(f"/{number}.png", drawn()) for number in range(30)])
    for _ in range(MOST_TRIES):
        fetch_now()
        time_passes(timedelta(days=2))
    assert Picture.objects.exclude(fetched_at=None).count() == 30
    assert Picture.objects.filter(fetched_at=None, due_at=None).count() == 3


def test_a_picture_that_kills_its_worker_is_put_off_like_any_other(acme: Cast, cdn: Cdn) -> None:
    want(acme.acme.pk, [cdn.put("/mug.png", drawn())])
    (taken,) = take(20)  # and the worker is gone
    assert not due().exists()
    time_passes(timedelta(minutes=2))
    assert due().get() == taken
    fetch_now()
    assert Picture.objects.get().fetched_at


def test_what_there_was_no_time_for_is_as_due_as_before(
    acme: Cast, cdn: Cdn, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(acme.acme.pk, [cdn.put(f"/{number}.png", drawn()) for number in range(5)])
    times = iter([0.0, 0.0, 0.0, *[9.0] * 9])
    monkeypatch.setattr(fetch.time, "monotonic", lambda: next(times))
    with monkeypatch.context() as calm:
        calm.setattr(fetch, "body_at", lambda _: drawn())
        fetch_due(seconds=5)
    assert Picture.objects.exclude(fetched_at=None).count() == 1
    assert set(due().values_list("tries", flat=True)) == {0}
    assert due().count() == 4


def test_two_companies_have_each_their_own_picture_of_an_address(acme: Cast, cdn: Cdn) -> None:
    url = cdn.put("/mug.png", drawn(color="red"))
    want(acme.acme.pk, [url])
    fetch_now()
    cdn.put("/mug.png", drawn(color="blue"))
    with company_scope(acme.bolt):
        want(acme.bolt.pk, [url])
        fetch_now()
        theirs = Picture.objects.get()
    ours = Picture.objects.get()
    assert ours.pk != theirs.pk
    assert place_of(name_of(ours, SMALL)).parent != place_of(name_of(theirs, SMALL)).parent
    assert (
        place_of(name_of(ours, SMALL)).read_bytes() != place_of(name_of(theirs, SMALL)).read_bytes()
    )
