"""What the trail may say of contacts."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

SEGMENTS_SET = register("segments.set", _("Decided which agent writes to whom"))
