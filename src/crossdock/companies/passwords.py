"""A password that was lost: the one-time link with which its person sets another."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from crossdock.companies.letters import public
from crossdock.companies.models import Person


def reset_link(person: Person) -> str:
    """Works once, for ``PASSWORD_RESET_TIMEOUT``; dies when the password or the address changes, or
    when its person logs in."""
    mark, token = user_pk_to_url_str(person), default_token_generator.make_token(person)
    return public("account_reset_password_from_key", mark, token)
