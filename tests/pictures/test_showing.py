"""Pictures on a page: loaded at once, served to the company alone, letters where there are none."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crossdock.pictures.files import file_of, remove
from crossdock.pictures.models import LARGE, SMALL, Picture
from crossdock.pictures.showing import pictures_of, pictures_on
from tests.cast import Cast
from tests.desk.book import store_of, take_in
from tests.pictures.drawn import URL, kept_picture, opened
from tests.pictures.test_noticing import with_pictures

pytestmark = pytest.mark.django_db


def shown(cast: Cast, tag: str, **context: Any) -> str:
    page = Template("{% load pictures %}{% " + tag + " %}")
    return page.render(Context({"company": cast.acme, "url": URL, "name": "Mug <blue>", **context}))


def test_a_picture_is_served_small_and_large_to_everybody_of_the_company(
    cast: Cast, client: Client
) -> None:
    picture = kept_picture(cast.acme)
    for person in cast.of_acme.values():
        client.force_login(person)
        for size in (SMALL, LARGE):
            answer = client.get(f"/c/acme/pictures/{picture.pk}/{size}.webp")
            assert answer.status_code == 200
            assert answer["Content-Type"] == "image/webp"
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
            assert opened(answer.content).size == (size, size)


def test_nobody_else_finds_it(cast: Cast, client: Client) -> None:
    path = f"/c/acme/pictures/{kept_picture(cast.acme).pk}/{SMALL}.webp"
    assert client.get(path).status_code == 302
    client.force_login(cast.charlie)
    assert client.get(path).status_code == 404
    assert client.get(path.replace("acme", "bolt")).status_code == 404


def test_what_is_not_there_is_not_found(cast: Cast, client: Client) -> None:
    client.force_login(cast.pat)
    picture = kept_picture(cast.acme)
    for path in (f"{picture.pk}/97.webp", f"{picture.pk + 1}/96.webp", f"{picture.pk}/96.png"):
        assert client.get(f"/c/acme/pictures/{path}").status_code == 404
    remove(picture)
    assert client.get(f"/c/acme/pictures/{picture.pk}/96.webp").status_code == 404


def test_a_page_loads_all_of_its_pictures_in_one_query(acme: Cast) -> None:
    ours, theirs = kept_picture(acme.acme), kept_picture(acme.bolt, f"{URL}?theirs")
    not_here = kept_picture(acme.acme, f"{URL}?due")
    Picture.objects.filter(pk=not_here.pk).update(fetched_at=None)
    with CaptureQueriesContext(connection) as caught:
        found = pictures_of([URL, URL, "", theirs.url, not_here.url])
    assert found == {URL: ours}
    assert len(caught) == 1
    with CaptureQueriesContext(connection) as caught:
        assert pictures_of(["", ""]) == {}
    assert len(caught) == 0


def test_the_tag_asks_the_database_nothing(acme: Cast) -> None:
    store = store_of(acme.acme)
    take_in(store, [with_pictures(number, URL) for number in range(3)])
    kept_picture(acme.acme)
    orders = list(store.orders.prefetch_related("lines"))
    known = pictures_on(orders)
    with CaptureQueriesContext(connection) as caught:
        for order in orders:
            for line in order.lines.all():
                assert "<img" in shown(
                    acme, "picture url 'MUG-1'", pictures=known, url=line.image_url
                )
    assert len(caught) == 0


def test_a_tile_is_as_large_with_a_picture_as_with_letters(cast: Cast) -> None:
    picture = kept_picture(cast.acme)
    known = {URL: picture}
    assert shown(cast, "picture url 'mug-1'", pictures=known) == (
        f'<img class="tile" src="/c/acme/pictures/{picture.pk}/{SMALL}.webp" width="28" height="28" alt="" '
        'loading="lazy" decoding="async">'
    )
    letters = '<span class="tile" aria-hidden="true">MU</span>'
    assert shown(cast, "picture url 'mug-1'", pictures={}) == letters
    assert shown(cast, "picture url 'mug-1'") == letters, "a page that loads none"
    large = shown(cast, "picture_to_open url 'mug-1' name", pictures=known)
    assert 'aria-label="Picture of Mug &lt;blue&gt;"' in large
    assert f'href="/c/acme/pictures/{picture.pk}/{LARGE}.webp"' in large
    assert 'class="tile large"' in large
    assert 'class="tile large"' in shown(cast, "picture_to_open url 'mug-1' name")


def test_a_picture_lies_in_its_companys_folder(cast: Cast, settings: Any) -> None:
    file = file_of(kept_picture(cast.acme), SMALL)
    assert file.is_relative_to(settings.MEDIA_ROOT / "pictures" / str(cast.acme.pk))
