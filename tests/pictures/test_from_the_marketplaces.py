"""From an order at a marketplace to the picture of its item, over real HTTP, with every channel."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.channels.registry import channels
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Line
from crossdock.pictures import jobs
from crossdock.pictures.files import name_of
from crossdock.pictures.models import SMALL, Picture
from crossdock.sync.pull import look_at
from tests.cast import Cast, linked_store
from tests.kept import place_of
from tests.pictures.drawn import opened
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


@pytest.mark.parametrize("name", [known.name for known in channels()])
def test_an_items_picture_comes_with_its_order(
    name: str, cast: Cast, sandbox: RunningSandbox
) -> None:
    shop = f"{name}-my"
    order_ids = sandbox.orders(1, shop, sku="MUG-BLUE") + sandbox.orders(1, shop, sku="ODD/SKU 7 ü")
    with company_scope(cast.acme):
        look_at(linked_store(cast.acme, sandbox, shop), order_ids)
        urls = set(Line.objects.values_list("image_url", flat=True))
        assert len(urls) == 2
        for task in ("want", "fetch"):
            waiting = ProcrastinateJob.objects.filter(task_name=f"pictures.{task}")
            for job in waiting.filter(args__company_id=cast.acme.pk):
                getattr(jobs, f"{task}_pictures")(**job.args)
        found = {one.url: one for one in Picture.objects.filter(fetched_at__isnull=False)}
    assert found.keys() == urls
    (mug,) = (one for one in found.values() if "MUG-BLUE" in one.url)
    red, _, blue = opened(place_of(name_of(mug, SMALL)).read_bytes()).getpixel(
        (SMALL // 2, SMALL // 2)
    )
    assert blue > red + 60
