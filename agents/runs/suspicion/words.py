"""What a sign found, said to a reader."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.runs.enums import Severity

SEVERITIES = dict(enumerate(Severity, start=1))


def failed(_value: float) -> str:
    return _("it failed")


def errors(n: float) -> str:
    return ngettext("%(n)d step with an error", "%(n)d steps with errors", int(n)) % {"n": n}


def retries(n: float) -> str:
    return ngettext("%(n)d retry", "%(n)d retries", int(n)) % {"n": n}


def refusals(n: float) -> str:
    return ngettext("%(n)d text refused by guardrails", "%(n)d texts refused by guardrails", int(n)) % {"n": n}


def repeats(n: float) -> str:
    return ngettext("the same call again", "the same call again, %(n)d times", int(n)) % {"n": n}


def length(times: float) -> str:
    return _("%(times).1f times as long as usual") % {"times": times}


def cost(times: float) -> str:
    return _("%(times).1f times as dear as usual") % {"times": times}


def effects(n: float) -> str:
    return ngettext("%(n)d change made", "%(n)d changes made", int(n)) % {"n": n}


def differing(part: float) -> str:
    return _("%(percent)d %% of the runs about the same did otherwise") % {"percent": round(100 * part)}


def unknown(n: float) -> str:
    return ngettext("%(n)d change of unknown outcome", "%(n)d changes of unknown outcome", int(n)) % {"n": n}


def undone(n: float) -> str:
    return ngettext("%(n)d change tried in vain", "%(n)d changes tried in vain", int(n)) % {"n": n}


def redone(n: float) -> str:
    return ngettext("%(n)d change made again", "%(n)d changes made again", int(n)) % {"n": n}


def empty(n: float) -> str:
    return ngettext("%(n)d look-up found nothing", "%(n)d look-ups found nothing", int(n)) % {"n": n}


def hasty(times: float) -> str:
    return _("decided on %(percent)d %% of the usual look-ups") % {"percent": round(100 / times)}


def unsupported(n: float) -> str:
    return ngettext("%(n)d figure from nowhere", "%(n)d figures from nowhere", int(n)) % {"n": n}


def doubt(part: float) -> str:
    return _("it was %(percent)d %% sure") % {"percent": round(100 * (1 - part))}


def tools(n: float) -> str:
    return ngettext("%(n)d tool used", "%(n)d different tools used", int(n)) % {"n": n}


def request(n: float) -> str:
    return ngettext("%(n)d word of the customer", "%(n)d words of the customer", int(n)) % {"n": n}


def reply(n: float) -> str:
    return ngettext("the agent took %(n)d word", "the agent took %(n)d words", int(n)) % {"n": n}


def turn(n: float) -> str:
    return ngettext("the customer wrote %(n)d word a turn", "the customer wrote %(n)d words a turn", round(n)) % {
        "n": round(n)
    }


def silence(_value: float) -> str:
    return _("it ended without an answer")


def stale(_value: float) -> str:
    return _("it contradicts what is in force")


def displeased(n: float) -> str:
    return ngettext("the customer is displeased", "the customer is displeased, %(n)d times", int(n)) % {"n": n}


def pushback(n: float) -> str:
    return ngettext("the customer objects", "the customer objects %(n)d times", int(n)) % {"n": n}


def wishes(n: float) -> str:
    return ngettext("the customer wants more", "the customer wants more, %(n)d times", int(n)) % {"n": n}


def thanked(_value: float) -> str:
    return _("the customer thanks")


def corrections(n: float) -> str:
    return ngettext("it apologised", "it apologised %(n)d times", int(n)) % {"n": n}


def declined(n: float) -> str:
    return ngettext("it said no", "it said no %(n)d times", int(n)) % {"n": n}


def handoff(_value: float) -> str:
    return _("handed to a person")


def promised(_value: float) -> str:
    return _("it promised and did nothing")


def claimed(n: float) -> str:
    return ngettext("it said done, nothing was", "it said done %(n)d times, nothing was", int(n)) % {"n": n}


def unconfirmed(n: float) -> str:
    return ngettext("%(n)d change nobody said yes to", "%(n)d changes nobody said yes to", int(n)) % {"n": n}


def gave_way(n: float) -> str:
    return ngettext("%(n)d change after it had said no", "%(n)d changes after it had said no", int(n)) % {"n": n}


def severity(value: float) -> str:
    return _("%(severity)s severity") % {"severity": SEVERITIES[round(value)].label}


def unreviewed(days: float) -> str:
    return ngettext("not reviewed for %(n)d day", "not reviewed for %(n)d days", int(days)) % {"n": days}


def run_waits(_value: float) -> str:
    return _("a run waits for it")


def escalated(_value: float) -> str:
    return _("escalated")
