"""The wall between companies: a query without a company fails.

Every model that belongs to a company derives from ``CompanyOwned``. Its only manager takes the
company from the running scope, and refuses to work outside of one:

    with company_scope(company):
        Order.objects.filter(tab="new-order")      # … AND company_id = 7

Work that really spans companies (a sweep by a worker, a migration) says so with ``all_companies()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.db import models
from django_scopes import get_scope, scope, scopes_disabled
from structlog.contextvars import bound_contextvars

if TYPE_CHECKING:
    from crossdock.companies.models import Company

M = TypeVar("M", bound="CompanyOwned", covariant=True)


class NoCompany(RuntimeError):
    """A query was made outside of ``company_scope`` (or for another company than its own)."""


@contextmanager
def company_scope(company: Company | int) -> Iterator[None]:
    """Let the code inside see and write the rows of this company (or company id), and no others; what it
    logs names the company."""
    company_id = company if isinstance(company, int) else company.pk
    with scope(company=company_id), bound_contextvars(company=company_id):
        yield


@contextmanager
def all_companies() -> Iterator[None]:
    """Let the code inside see the rows of every company: for sweeps and migrations only."""
    with scopes_disabled():
        yield


def current_company_id() -> int | None:
    """The company of the running scope; None inside ``all_companies()``. Raises NoCompany outside."""
    running = get_scope()
    if not running.get("_enabled", True):
        return None
    company_id = running.get("company")
    if company_id is None:
        raise NoCompany("A query needs a company: wrap it in company_scope(company).")
    return int(company_id)


class CompanyQuerySet(models.QuerySet[M]):
    """Refuses to write rows of another company."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """As Django's; every object must belong to the running scope's company."""
        rows = list(objs)
        for row in rows:
            row.check_company()
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """As Django's; a row never moves to another company."""
        if kwargs.keys() & {"company", "company_id"}:
            raise NoCompany("A row stays with its company.")
        return super().update(**kwargs)


class CompanyManager(models.Manager[M]):
    """Every query of a company's rows begins here, so that none can forget the company."""

    def get_queryset(self) -> CompanyQuerySet[M]:
        rows: CompanyQuerySet[M] = _rows(self.model, self._db, current_company_id()).all()
        return rows


@lru_cache(maxsize=4096)
def _rows(
    model: type[models.Model], database: str | None, company_id: int | None
) -> CompanyQuerySet[Any]:
    """A company's rows, to be copied: a prefetch asks once for every row, and building the condition
    takes ten times as long as a copy."""
    rows: CompanyQuerySet[Any] = CompanyQuerySet(model, using=database)
    return rows if company_id is None else rows.filter(company_id=company_id)


class CompanyOwned(models.Model):
    """A row that belongs to one company."""

    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[CompanyManager[Self]] = CompanyManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.check_company()
        super().save(*args, **kwargs)

    def check_company(self) -> None:
        """Raises NoCompany when this row is not of the running scope's company."""
        company_id = current_company_id()
        if company_id is not None and self.company_id != company_id:
            raise NoCompany(
                f"This {self._meta.verbose_name} belongs to company {self.company_id}, "
                f"the running scope to {company_id}."
            )
