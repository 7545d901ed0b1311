"""What the trail may say of contacts."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

RATED = register("run.rated", _("Kept what a customer said of it"))
SEGMENTS_SET = register("segments.set", _("Decided which agent writes to whom"))
