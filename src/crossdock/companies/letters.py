"""Letters to people: plain text, from templates, with links that begin with the public address."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse


def mail_works() -> bool:
    """Whether this installation can send mail."""
    return bool(settings.EMAIL_HOST)


class LetterNotSent(Exception):
    """A letter did not go out. The message names the kind of failure, never an address."""


def write(name: str, to: str, subject: str, context: dict[str, Any]) -> None:
    """Send ``companies/letters/<name>.txt`` to an address. Raises LetterNotSent."""
    if not mail_works():
        raise LetterNotSent("This process knows no mail server.")
    body = render_to_string(f"companies/letters/{name}.txt", context)
    letter = EmailMessage(subject=one_line(subject), body=body.strip() + "\n", to=[to])
    try:
        letter.send()
    except OSError as problem:  # smtplib's errors are OSErrors; their words may hold the address
        raise LetterNotSent(type(problem).__name__) from None


def one_line(text: object) -> str:
    """A name as it may stand in a letter: somebody chose it, and could have chosen several lines."""
    return " ".join(str(text).split())


def public(name: str, *arguments: object) -> str:
    """The address of a page as people reach it, whatever host the request at hand came to."""
    return f"{settings.PUBLIC_URL}{reverse(name, args=arguments)}"
