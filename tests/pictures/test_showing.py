"""Pictures on a page: loaded at once, served to the company alone, letters where there are none."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crossdock.companies.models import Company
from crossdock.orders.models import Line
from crossdock.pictures.files import name_of, remove
from crossdock.pictures.models import LARGE, SMALL, Picture
from crossdock.pictures.showing import with_pictures
from tests.cast import Cast
from tests.desk.book import store_of, take_in
from tests.kept import place_of
from tests.pictures.drawn import URL, kept_picture, opened
from tests.pictures.test_noticing import with_pictures as with_picture

pytestmark = pytest.mark.django_db


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


def test_lines_know_their_companys_pictures_that_are_here(acme: Cast) -> None:
    ours, theirs = kept_picture(acme.acme), kept_picture(acme.bolt, f"{URL}?theirs")
    not_here = kept_picture(acme.acme, f"{URL}?due")
    Picture.objects.filter(pk=not_here.pk).update(fetched_at=None)
    urls = [URL, "", theirs.url, not_here.url]
    take_in(store_of(acme.acme), [with_picture(number, url) for number, url in enumerate(urls)])
    with CaptureQueriesContext(connection) as caught:
        found = dict(with_pictures(Line.objects.all()).values_list("image_url", "picture_pk"))
    assert found == {URL: ours.pk, "": None, theirs.url: None, not_here.url: None}
    assert len(caught) == 1


def test_the_list_and_the_order_show_the_picture(acme: Cast, client: Client) -> None:
    take_in(store_of(acme.acme), [with_picture(1, URL)])
    kept = kept_picture(acme.acme)
    client.force_login(acme.mona)
    order = Line.objects.get().order
    listed = client.get(f"/c/acme/orders/?tab={order.tab}").content.decode()
    assert f"/c/acme/pictures/{kept.pk}/{SMALL}.webp" in listed
    shown_on = client.get(f"/c/acme/orders/{order.pk}/").content.decode()
    assert f"/c/acme/pictures/{kept.pk}/{LARGE}.webp" in shown_on


def test_a_tile_is_as_large_with_a_picture_as_with_letters() -> None:
    company = Company(slug="acme")
    line = Line(sku="mug-1", name="Mug <blue>")

    def shown(tag: str) -> str:
        page = Template("{% load pictures %}{% " + tag + " line %}")
        return page.render(Context({"company": company, "line": line}))

    letters = '<span class="tile" aria-hidden="true">MU</span>'
    assert shown("picture") == letters, "a page that loads none"
    assert 'class="tile large"' in shown("picture_to_open")
    line.picture_pk = 7  # type: ignore[attr-defined]
    assert shown("picture") == (
        f'<img class="tile" src="/c/acme/pictures/7/{SMALL}.webp" width="28" height="28" alt="" '
        'loading="lazy" decoding="async">'
    )
    large = shown("picture_to_open")
    assert 'aria-label="Picture of Mug &lt;blue&gt;"' in large
    assert f'href="/c/acme/pictures/7/{LARGE}.webp"' in large
    assert 'class="tile large"' in large


def test_a_picture_lies_in_its_companys_folder(cast: Cast, settings: Any) -> None:
    file = place_of(name_of(kept_picture(cast.acme), SMALL))
    assert file.is_relative_to(settings.MEDIA_ROOT / "pictures" / str(cast.acme.pk))
