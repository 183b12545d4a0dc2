"""The pages of papers: from the list to a PDF, how papers look, and manifests handed over."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from crossdock.papers.making import make
from crossdock.papers.models import Kind, Manifest, Paper, PaperSettings
from crossdock.rules.facts import Stage
from tests.cast import Cast
from tests.papers.conftest import line, order, package

pytestmark = pytest.mark.django_db(transaction=True)
Book = Callable[..., list[int]]


def asked(client: Client, path: str, **data: Any) -> str:
    answer = client.post(path, data)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


@pytest.mark.parametrize("kind", ["picking_list", "picking_summary"])
def test_a_click_leads_to_the_paper_once_it_is_made(
    cast: Cast, book: Book, client: Client, kind: str
) -> None:
    (key,) = book(order("260302AB", [line(1, "MUG", "Mug")]))
    client.force_login(cast.pat)
    form = {"paper": kind, "orders": [key], "form_key": "once"}
    address = asked(client, "/c/acme/orders/print/", **form)
    assert asked(client, "/c/acme/orders/print/", **form) == address
    assert "being made" in client.get(address).content.decode()
    make(Paper.objects.get().pk)
    pdf = client.get(address, follow=True)
    assert pdf["Content-Type"] == "application/pdf"
    assert str(Paper.objects.get()) in client.get("/c/acme/papers/").content.decode()


def test_all_that_match_are_those_of_the_list(cast: Cast, book: Book, client: Client) -> None:
    book(*(order(f"26030{n}", [line(1, "MUG", "Mug")]) for n in range(5)))
    book(order("SHIPPED", [line(1, "MUG", "Mug", stage=Stage.SHIPPED)]))
    client.force_login(cast.pat)
    asked(client, "/c/acme/orders/print/", paper="picking_list", all="1", query="tab=to-process")
    paper = Paper.objects.get()
    make(paper.pk)
    paper.refresh_from_db()
    assert paper.order_count == 5


def test_nothing_ticked_is_said_and_makes_nothing(cast: Cast, book: Book, client: Client) -> None:
    client.force_login(cast.pat)
    answer = client.post(
        "/c/acme/orders/print/", {"paper": "manifest", "query": "tab=to-ship"}, follow=True
    )
    assert "Tick the orders for the Courier Manifest first." in answer.content.decode()
    assert not Paper.objects.exists()


def picture(size: tuple[int, int] = (2000, 500)) -> BytesIO:
    drawn = BytesIO()
    Image.new("RGB", size, "red").save(drawn, "PNG")
    drawn.seek(0)
    drawn.name = "logo.png"
    return drawn


def test_an_owner_says_how_papers_look_and_sees_it_before(
    cast: Cast, book: Book, client: Client
) -> None:
    client.force_login(cast.alice)
    form = {"size": "a4", "language": "zh", "sort": "sku", "shown": ["name"], "logo": picture()}
    asked(client, "/c/acme/papers/settings/", **form)
    kept = PaperSettings.objects.get()
    assert (kept.size, kept.language, kept.sort, kept.hidden) == (
        "a4",
        "zh",
        "sku",
        ["tick", "picture", "location", "orders"],
    )
    assert Image.open(BytesIO(bytes(kept.logo))).size[0] <= 600
    for kind in Kind:
        seen = client.get(
            f"/c/acme/papers/preview/{kind}.png", {"size": "a6", "language": "th", "sort": "name"}
        )
        assert Image.open(BytesIO(seen.content)).format == "PNG"


def test_a_file_that_is_no_picture_is_refused_and_changes_nothing(
    cast: Cast, book: Book, client: Client
) -> None:
    client.force_login(cast.alice)
    bad = BytesIO(b"%PDF-1.7 not a picture")
    bad.name = "logo.png"
    form = {"size": "a4", "language": "en", "sort": "sku", "logo": bad}
    answer = client.post("/c/acme/papers/settings/", form)
    assert "no PNG or JPEG picture" in answer.content.decode()
    assert not PaperSettings.objects.exists()


def test_a_manifest_is_handed_over_once_and_stays_to_be_looked_up(
    cast: Cast, book: Book, client: Client
) -> None:
    ready = line(1, "MUG", "Mug", stage=Stage.READY, package_id="P1")
    (key,) = book(order("260302AB", [ready], packages=(package("P1", "T1"),)))
    client.force_login(cast.pat)
    asked(client, "/c/acme/orders/print/", paper="manifest", orders=[key])
    make(Paper.objects.get().pk)
    manifest = Manifest.objects.get()
    page = f"/c/acme/papers/manifests/{manifest.pk}/"
    assert "260302AB" in client.get(page).content.decode()
    client.post(page, {"hand_over": "1"})
    manifest.refresh_from_db()
    assert manifest.handed_over_by == cast.pat
    assert (
        "handed over before" in client.post(page, {"hand_over": "1"}, follow=True).content.decode()
    )
    listed = client.get("/c/acme/papers/manifests/").content.decode()
    assert listed.index("Handed over") < listed.index(str(manifest))
