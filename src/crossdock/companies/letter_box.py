"""The one way of letters out, whoever wrote them."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from crossdock.companies.only_one import refuse_while_copy


class LetterBox(EmailBackend):
    """Django's, for an installation that is the only one of its kind."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send these. Raises NotAlone, OSError."""
        refuse_while_copy()
        return super().send_messages(email_messages)
