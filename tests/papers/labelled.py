"""Labels as a batch fetched them: a PDF for each package, with its number on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pypdfium2
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.orders.models import Order
from crossdock.papers.awb import PrintAwb
from crossdock.papers.label_order import name_mark
from crossdock.work.batch import start
from crossdock.work.models import Attempt, Batch, State
from tests.papers.reading import squeezed


def fetched(person: Person, ids: Sequence[int], folder: Path, **options: object) -> Batch:
    """A finished Print AWB over these orders; its files lie in ``folder`` (``MEDIA_ROOT``)."""
    first = Order.objects.select_related("company").get(pk=ids[0])
    batch = start(
        first.company, person, "print_awb",
        form_key=f"awb-{Batch.objects.count()}", order_ids=ids, options={"order": list(ids), **options},
    )  # fmt: skip
    for attempt in Attempt.objects.filter(batch=batch):
        parcels = attempt.order.packages.filter(voided_at__isnull=True)
        names = [label(folder, attempt, one.package_id, one.tracking_number) for one in parcels]
        attempt.state, attempt.result = State.DONE, {"files": names}
        attempt.settled_at = timezone.now()
        attempt.save()
    PrintAwb().finish(batch)
    batch.refresh_from_db()
    return batch


def label(folder: Path, attempt: Attempt, package_id: str, number: str) -> str:
    """A label's file; its name, relative to the folder."""
    name = f"awb/{attempt.order_id}-{attempt.pk}-{name_mark(package_id)}.pdf"
    (folder / "awb").mkdir(exist_ok=True)
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(283, 425))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.add_resource(font, pikepdf.Name.Font, pikepdf.Name.F1)
        page.contents_add(f"BT /F1 12 Tf 60 200 Td (label {number}) Tj ET".encode())
        made.save(folder / name)
    return name


def pages(pdf: bytes) -> list[str]:
    """The text of each page, without white space."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [squeezed(page.get_textpage().get_text_bounded()) for page in opened]
