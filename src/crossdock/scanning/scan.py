"""One scan: the verdict at once, and the channel's call behind it."""

from __future__ import annotations

from dataclasses import replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from crossdock.companies.models import Company, Person
from crossdock.orders.models import Order
from crossdock.rules.codes import cleaned
from crossdock.scanning.models import Answer, Scan, ScanSheet
from crossdock.scanning.verdict import Verdict, verdict_on
from crossdock.work.single import begin


def sheet_of(company: Company, person: Person) -> ScanSheet:
    """The person's open list of scanned orders, begun when there is none."""
    sheet, _ = ScanSheet.objects.get_or_create(company_id=company.pk, person=person, ended_at=None)
    return sheet


def begin_anew(company: Company, person: Person) -> ScanSheet:
    """End the person's list and begin an empty one."""
    ScanSheet.objects.filter(person=person, ended_at__isnull=True).update(ended_at=timezone.now())
    return sheet_of(company, person)


def scan(
    sheet: ScanSheet, person: Person, code: str, *, nonce: str, chosen: int | None = None
) -> tuple[Scan, Verdict | None]:
    """Take in a scan. The same ``nonce`` again gives the same scan, without a verdict of its own."""
    known = Scan.objects.filter(nonce=nonce).select_related("order__store", "attempt").first()
    if known is not None and not (chosen and known.answer == Answer.SEVERAL.value):
        return known, None
    verdict = verdict_on(code, chosen)
    try:
        with transaction.atomic():
            return _keep(sheet, person, code, nonce, verdict, known), verdict
    except IntegrityError:
        return Scan.objects.select_related("order__store", "attempt").get(nonce=nonce), None


def try_again(kept: Scan, person: Person) -> Scan:
    """Ship the order of a scan that did not work out once more."""
    order = Order.objects.select_related("store").get(scans=kept)
    with transaction.atomic():
        kept.attempt, _ = begin(person, "ship", order, options=_options(kept.package_id))
        kept.save(update_fields=["attempt"])
    return kept


def _keep(
    sheet: ScanSheet, person: Person, code: str, nonce: str, verdict: Verdict, known: Scan | None
) -> Scan:
    row = known or Scan(company_id=sheet.company_id, sheet=sheet, nonce=nonce, code=cleaned(code))
    found = verdict.found
    row.order = found.order if found else None
    row.package_id = found.package_id if found else ""
    if found and verdict.answer is Answer.READY:
        row.attempt, is_new = begin(person, "ship", found.order, options=_options(found.package_id))
        if not is_new:
            verdict = replace(verdict, answer=Answer.ALREADY, words="Scanned already.")
    row.answer, row.words = verdict.answer.value, verdict.words[:300]
    row.save()
    return row


def _options(package_id: str) -> dict[str, str]:
    return {"package_id": package_id} if package_id else {}
