"""What the trail may say of runs that other systems report, where they come in, and how we reach them."""

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

CONNECTION_SET = register("connection.set", _("connected an agent to its system"))
CONNECTION_REMOVED = register("connection.removed", _("removed an agent's connection"))
CONNECTION_TESTED = register("connection.tested", _("tried an agent's connection"))
ANSWER_DELIVERED = register("answer.delivered", _("took an answer to where its run waits"))
INSTRUCTION_TOLD = register("instruction.told", _("took to an agent's system what its people said"))
QUESTION_ASKED = register("question.asked", _("asked an agent"))
SWITCHED = register("switch.moved", _("moved an agent's switch at its vendor"))
