"""The login library's pages that are open here, each by name. What is not listed does not exist:

signing up (owners invite), lists of addresses (one person, one address: ``login_address``), setting a
first password while logged in (links do that), codes instead of passwords, other providers.
"""

from allauth.account import views as account
from allauth.mfa.base import views as two_step
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from django.urls import path, re_path

from crossdock.companies import address_views
from crossdock.companies.two_step import proven_first

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("email/", address_views.address, name="account_email"),
    path("email/<str:token>/", address_views.confirm, name="account_confirm_address"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", address_views.forgotten, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("2fa/", two_step.index, name="mfa_index"),
    path("2fa/authenticate/", two_step.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", two_step.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", proven_first(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "2fa/recovery-codes/generate/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/recovery-codes/download/",
        recovery.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("sessions/", sessions.list_usersessions, name="usersessions_list"),
]
