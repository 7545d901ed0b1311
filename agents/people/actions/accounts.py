"""Making an account, always together with the first team it joins."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.people.clean import clean
from agents.people.models import User


def new_user(email: str, password: str, *, name: str, zone: str = "UTC", language: str = "en") -> User:
    """An account that can sign in. Raises `Invalid` for a taken address, a weak password, an unknown zone…"""
    user = User(email=normal(email), name=name.strip(), zone=zone, language=language)
    clean(user, "email", "name", "zone", "language")
    _check_password(user, password)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(_("This address already has an account."), "email_taken", {"email": [_("Taken.")]}) from error
    return user


def normal(email: str) -> str:
    """The one spelling of an address."""
    return email.strip().lower()


def _check_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(_("This password is too easy to guess."), fields={"password": list(error.messages)}) from error
