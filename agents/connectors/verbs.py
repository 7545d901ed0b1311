"""What the trail may say of runs that other systems report, and of the addresses they come in at."""

from django.utils.translation import gettext_lazy as _

from audit.verbs import register

RUN_REPORTED = register("run.reported", _("reported a run"))
RUNS_IMPORTED = register("runs.imported", _("imported runs"))
SOURCE_CREATED = register("source.created", _("opened an address for webhooks"))
SOURCE_ROTATED = register("source.rotated", _("gave a webhook source a new secret"))
SOURCE_PAUSED = register("source.paused", _("paused a webhook source"))
SOURCE_RESUMED = register("source.resumed", _("resumed a webhook source"))
NAME_MAPPED = register("source.name_mapped", _("said which agent a webhook source means"))
ID_REUSED = register("inbox.id_reused", _("refused another event under a known id"))
EVENT_REPLAYED = register("inbox.replayed", _("read an event again"))
