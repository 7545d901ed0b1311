"""Signing in and the second factor: allauth's addresses. Nobody of the cast has a second factor yet."""

from tests.cast import PASSWORD
from tests.matrix.access import NOWHERE, PUBLIC, SIGNED_IN, access
from tests.matrix.rows import Row, Rows

NO_FACTOR = access(set())
FORMS = (
    "accounts/email/",
    "account_email",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_generate_recovery_codes",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
)
ENTRANCES = ("account_logout", "account_signup", "account_reset_password")
NOTICES = (
    "account_inactive",
    "account_email_verification_sent",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
)
ROWS: Rows = {
    **{name: Row(SIGNED_IN, SIGNED_IN) for name in FORMS},
    **{name: Row(PUBLIC, PUBLIC) for name in ENTRANCES},
    **{name: Row(PUBLIC) for name in NOTICES},
    **{name: Row(SIGNED_IN) for name in ("mfa_index", "mfa_list_webauthn")},
    **{name: Row(SIGNED_IN, SIGNED_IN, lambda w: {"pk": 1}) for name in ("mfa_remove_webauthn", "mfa_edit_webauthn")},
    "account_login": Row(PUBLIC, PUBLIC, data=lambda w: {"login": w.cast.owner.email, "password": PASSWORD}),
    "account_confirm_email": Row(PUBLIC, NOWHERE, kwargs=lambda w: {"key": "unknown"}),
    "account_reset_password_from_key": Row(PUBLIC, PUBLIC, kwargs=lambda w: {"uidb36": "x", "key": "y-z"}),
    "mfa_view_recovery_codes": Row(NO_FACTOR),
    "mfa_deactivate_totp": Row(NO_FACTOR, NO_FACTOR),
    "mfa_download_recovery_codes": Row(NO_FACTOR, NO_FACTOR),
}
