"""What the seller's own driver tells: delivered and to whom, or not and why, with a photo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from crossdock.companies.scope import company_scope
from crossdock.ops.retention import old_delivery_photos
from crossdock.orders.models import DeliveryTry, Order
from crossdock.rules.facts import Stage, Tab
from crossdock.work.models import Batch
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(cast: Cast) -> Iterator[Order]:
    """An order that Acme delivers itself, on its way."""
    with company_scope(cast.acme):
        take_in(store_of(cast.acme), [order(1, stage=Stage.SHIPPED, seller_delivers=True)])
        found = Order.objects.get()
        assert found.tab == Tab.SELF_DELIVER
        yield found


def tell(client: Client, out: Order, key: str = "f1", **given: object) -> int:
    data = {"sure": "1", "form_key": key, "from": str(out.pk), **given}
    return client.post(f"/c/acme/orders/{out.pk}/delivery/", data).status_code


def taken_with_a_phone() -> SimpleUploadedFile:
    """A large photo that says where it was taken."""
    photo, made = Image.new("RGB", (3000, 2000), "teal"), BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "31 Jalan Ampang"
    photo.save(made, "JPEG", exif=exif)
    return SimpleUploadedFile("door.jpg", made.getvalue(), "image/jpeg")


def test_a_failed_try_is_kept_with_its_reason_and_the_order_waits_on(
    cast: Cast, out: Order, client: Client
) -> None:
    client.force_login(cast.pat)
    reason = {"outcome": "again", "reason": "nobody was there", "words": "called twice"}
    assert tell(client, out, **reason) == 302
    assert tell(client, out, **reason) == 302, "the same form, sent twice"
    out.refresh_from_db()
    assert (out.tab, out.delivery_failures) == (Tab.SELF_DELIVER, 1)
    told = out.history.get(kind="delivery failed")
    assert (told.text, told.person) == ("Not delivered: nobody was there (called twice).", cast.pat)
    assert "not delivered 1×" in client.get("/c/acme/orders/?tab=self-deliver").content.decode()
    assert (
        "Not delivered: nobody was there"
        in client.get(f"/c/acme/orders/{out.pk}/").content.decode()
    )
    assert not Batch.objects.exists()


def test_a_failure_without_a_reason_is_asked_for_it(cast: Cast, out: Order, client: Client) -> None:
    client.force_login(cast.pat)
    page = client.post(f"/c/acme/orders/{out.pk}/delivery/", {"outcome": "again", "form_key": "f"})
    assert "Say why it was not delivered." in page.content.decode()
    other = {"outcome": "again", "form_key": "f", "reason": "other"}
    page = client.post(f"/c/acme/orders/{out.pk}/delivery/", other)
    assert "Say in a few words why" in page.content.decode()
    assert not DeliveryTry.objects.exists()


def test_a_photo_and_the_recipient_go_with_a_delivery_and_only_some_may_see_them(
    cast: Cast, out: Order, client: Client
) -> None:
    client.force_login(cast.pat)
    given = {"outcome": "delivered", "recipient": "Mdm Lim", "photo": taken_with_a_phone()}
    assert tell(client, out, **given) == 302
    assert Batch.objects.get().action == "deliver"
    told = DeliveryTry.objects.get()
    assert (told.recipient, told.failed_because, told.person) == ("Mdm Lim", "", cast.pat)
    page = client.get(f"/c/acme/orders/{out.pk}/").content.decode()
    assert "Mdm Lim" not in page, "a packer does not see buyers"
    assert client.get(f"/c/acme/deliveries/{told.pk}/photo/").status_code == 403
    client.force_login(cast.mona)
    assert "Delivered to Mdm Lim" in client.get(f"/c/acme/orders/{out.pk}/").content.decode()
    body = client.get(f"/c/acme/deliveries/{told.pk}/photo/").content
    with Image.open(BytesIO(body)) as kept:
        assert (kept.format, kept.size, len(kept.getexif())) == ("WEBP", (1600, 1067), 0)


def test_what_is_no_photo_is_refused_in_words(cast: Cast, out: Order, client: Client) -> None:
    client.force_login(cast.pat)
    page = client.post(
        f"/c/acme/orders/{out.pk}/delivery/",
        {"outcome": "delivered", "form_key": "f", "photo": SimpleUploadedFile("a.png", b"<html>")},
    )
    assert "This is no PNG, JPEG, WebP or GIF picture." in page.content.decode()
    assert not DeliveryTry.objects.exists()


def test_an_order_that_a_courier_delivers_has_no_such_question(
    cast: Cast, out: Order, client: Client
) -> None:
    Order.objects.update(seller_delivers=False)
    client.force_login(cast.pat)
    page = client.get(f"/c/acme/orders/{out.pk}/delivery/").content.decode()
    assert "A courier delivers it" in page
    assert tell(client, out, outcome="delivered") == 200
    assert not DeliveryTry.objects.exists()


def test_photos_go_after_a_year_and_what_was_told_stays(
    cast: Cast, out: Order, client: Client
) -> None:
    client.force_login(cast.pat)
    tell(client, out, outcome="delivered", photo=taken_with_a_phone())
    told = DeliveryTry.objects.get()
    file = Path(settings.MEDIA_ROOT) / told.photo
    assert old_delivery_photos() == 0
    assert file.exists()
    DeliveryTry.objects.update(at=timezone.now() - timedelta(days=366))
    assert old_delivery_photos() == 1
    assert not file.exists()
    assert DeliveryTry.objects.get().photo == ""
