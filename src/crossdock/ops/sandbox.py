"""The sandbox beside the demo: whether it can run here, and the installation's registration at its
marketplaces, from what its control tells."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any
from urllib.parse import urlsplit

from crossdock import __version__
from crossdock.channels.contract import App
from crossdock.channels.registry import channels
from crossdock.ops.processes import StartFailed

_AUTHORIZE = {"lazada": "/oauth/authorize", "shopee": "/auth", "tiktok": "/open/authorize"}
"""Where each of the sandbox's marketplaces has its authorise page."""

TRUSTED = frozenset({"127.0.0.1"})
PACKAGES = ("python-multipart", "reportlab", "starlette", "uvicorn")
"""What it needs besides, and an installation for work does not: ``crossdock[demo]``."""


def require_packages() -> None:
    """Raises StartFailed where they are not installed."""
    if missing := [name for name in PACKAGES if not _is_installed(name)]:
        raise StartFailed(
            f"The demo needs packages that are not installed ({', '.join(missing)}): install crossdock[demo], "
            f"such as pip install 'crossdock-{__version__}-py3-none-any.whl[demo]'."
        )


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def apps_of(identities: Mapping[str, Any]) -> dict[str, App]:
    """Channel → our app there, for every channel that is both played by the sandbox and known here.

    ``identities``: the answer of the control's ``GET /identities``.
    """
    return {
        known.name: _app(
            known.name, identities[known.name], [one.name for one in known.app_settings]
        )
        for known in channels()
        if known.name in _AUTHORIZE
    }


def environment(apps: Mapping[str, App]) -> dict[str, str]:
    """The same as the settings that an operator would write."""
    settings = {"CROSSDOCK_TRUSTED_HOSTS": ",".join(TRUSTED)}
    for name, app in apps.items():
        prefix = f"CROSSDOCK_{name.upper()}_"
        settings[prefix + "APP_KEY"] = app.key
        settings[prefix + "APP_SECRET"] = app.secret
        settings[prefix + "BASE_URLS"] = ",".join(f"{k}={v}" for k, v in app.base_urls.items())
        settings |= {prefix + more.upper(): value for more, value in app.more.items()}
    return settings


def _app(name: str, told: Mapping[str, Any], settings: list[str]) -> App:
    base = str(told["base_url"])
    host = urlsplit(base)
    return App(
        key=str(told.get("app_key") or told["partner_id"]),
        secret=str(told.get("app_secret") or told["partner_key"]),
        base_urls={
            "*": base,
            "auth": str(told.get("auth_url") or base),
            "authorize": f"{host.scheme}://{host.netloc}{_AUTHORIZE[name]}",
        },
        trusted_hosts=TRUSTED,
        more={setting: str(told[setting]) for setting in settings if setting in told},
    )
