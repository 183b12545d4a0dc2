"""What stands on every paper: whose it is, its number, when and by whom it was made, in which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from crossdock.companies.models import Company
from crossdock.papers.models import Paper, PaperSettings
from crossdock.papers.words import words_in

_MOMENT = "%a %d %b %H:%M"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The settings of a company's papers, and one paper's own marks."""

    company: str
    number: str
    size: str
    printed: str
    language: str
    sort: str
    hidden: Sequence[str]
    logo: bytes
    zone: tzinfo

    @property
    def words(self) -> Mapping[str, str]:
        """The words on the paper."""
        return words_in(self.language)

    @property
    def data(self) -> dict[str, Any]:
        """As the templates take it."""
        return {
            "company": self.company,
            "number": self.number,
            "size": self.size,
            "printed": self.printed,
            "language": self.language,
            "labels": dict(self.words),
            "logo": list(self.logo),
        }

    def moment(self, at: datetime | None) -> str:
        """A moment in the company's time zone, with the day of the week; "" for none."""
        return at.astimezone(self.zone).strftime(_MOMENT) if at else ""


def stamp_of(paper: Paper) -> Stamp:
    """The stamp of a paper, by the company's settings as they are now."""
    company = Company.objects.get(pk=paper.company_id)
    wanted = settings_of(company)
    return Stamp(
        company=company.name,
        number=str(paper),
        size=paper.size,
        printed=f"{paper.asked_at.astimezone(company.zone):%Y-%m-%d %H:%M} · {paper.person}",
        language=wanted.language,
        sort=wanted.sort,
        hidden=list(wanted.hidden),
        logo=bytes(wanted.logo),
        zone=company.zone,
    )


def settings_of(company: Company) -> PaperSettings:
    """How the company wants its papers; the defaults where it never said."""
    return PaperSettings.objects.first() or PaperSettings(company=company)
