"""One way to check a row's own fields before it is written, whoever filled it in."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from agents.base.errors import Invalid


def clean(row: models.Model, *names: str) -> None:
    """Check the named fields with their model's validators. Raises `Invalid` saying which field and why."""
    exclude = {field.name for field in row._meta.fields} - set(names)
    problems = {name: [_("Zero bytes are not text.")] for name in names if "\x00" in str(getattr(row, name))}
    try:
        row.clean_fields(exclude=exclude | set(problems))
    except ValidationError as error:
        problems |= error.message_dict
    if problems:
        raise Invalid(_("Please correct what is marked."), fields=problems)
