"""In words: what may be wrong with what nobody looks at closely, and what batches let through after all."""

from django.utils.formats import localize
from django.utils.translation import gettext as _

from agents.runs.queries import Sampled, Trust


def said(trust: Trust) -> str:
    """Both sentences, as far as something was looked at or passed."""
    counted = {"wrong": trust.wrong, "seen": trust.seen, "most": percent(trust.at_most)}
    bound = _("%(wrong)d of %(seen)d looked at this week were wrong: at most %(most)s with 95 %% confidence.") % counted
    return " ".join(filter(None, (bound if trust.seen else _("None was looked at this week."), _escaped(trust))))


def briefly(trust: Trust) -> str:
    """For a row, beneath a heading that says both in full."""
    if not trust.seen:
        return _("none looked at this week")
    told = {"wrong": trust.wrong, "seen": trust.seen, "most": percent(trust.at_most), "escaped": trust.escaped}
    bound = _("%(wrong)d of %(seen)d wrong: at most %(most)s") % told
    return f"{bound} · {_('%(escaped)d escaped') % told}" if trust.escaped else bound


def drawn(found: Sampled) -> str:
    """What people found in what the lot drew, and where machines had judged otherwise; empty where nothing was."""
    if not found.drawn:
        return ""
    told = {"drawn": found.drawn, "judged": found.judged, "wrong": found.wrong, "most": percent(found.at_most)}
    if not found.judged:
        return _("Of %(drawn)d drawn by lot in 30 days nobody has judged one yet.") % told
    bound = _(
        "Of %(drawn)d drawn by lot in 30 days people judged %(judged)d: %(wrong)d wrong, at most %(most)s with"
        " 95 %% confidence."
    )
    differ = {"missed": found.missed, "vain": found.in_vain, "share": percent(found.disagreement)}
    said = _(
        "Automatic checks had let %(missed)d of the wrong ones pass and doubted %(vain)d right ones: %(share)s judged"
        " otherwise."
    )
    return f"{bound % told} {said % differ}"


def percent(share: float) -> str:
    """With one decimal below ten."""
    return f"{localize(round(share * 100, 1) if share < 0.1 else round(share * 100))} %"


def _escaped(trust: Trust) -> str:
    if not trust.passed:
        return ""
    low, high = (percent(share) for share in trust.escapes)
    told = {"escaped": trust.escaped, "passed": trust.passed, "low": low, "high": high}
    return _("Of %(passed)d runs approved in batches %(escaped)d turned out wrong (%(low)s to %(high)s).") % told
