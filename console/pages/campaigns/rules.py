"""What every campaign of the team keeps to: links and terms."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import actions
from campaigns.models import CampaignRules
from campaigns.permissions import may_rule, require_rule_maker
from console.forms import accepted
from console.pages.campaigns.forms import RulesForm
from console.request import PaneRequest


@require_http_methods(["GET", "POST"])
def rules(request: PaneRequest) -> HttpResponse:
    if request.method == "POST":
        require_rule_maker(request.user, request.team)
    kept = CampaignRules.objects.filter(team=request.team).first() or CampaignRules()
    initial = {"link_hosts": kept.link_hosts, "banned_terms": kept.banned_terms}
    form = RulesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and accepted(form, lambda: _set(request, form)):
        messages.success(request, _("Saved."))
        return redirect("campaign-rules")
    told = {"form": form, "rules": kept, "may": may_rule(request.user, request.team)}
    return render(request, "pages/campaigns/rules.html", told, status=422 if form.is_bound else 200)


def _set(request: PaneRequest, form: RulesForm) -> CampaignRules:
    return actions.set_rules(request.team, actor=request.user, **form.cleaned_data)
