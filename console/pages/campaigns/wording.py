"""A version in one other language: each text as written, and beside it what agents of that language are told."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import actions
from campaigns.models import ContextVersion
from campaigns.permissions import require_campaigner
from campaigns.wordings import sources
from console.forms import attempt
from console.pages.campaigns.forms import label
from console.pages.campaigns.page import CampaignPage, campaign_or_404
from console.request import PaneRequest

LONG = 120
"""Characters from which a text is typed in more than one line."""


class WordingForm(forms.Form):
    """A field for each text. `revision`: the one that was on the page."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, version: ContextVersion, language: str, data: Any = None) -> None:
        super().__init__(data, initial={"revision": version.revision})
        self.language, self.texts, said = language, list(sources(version).items()), version.wordings.get(language, {})
        for number, (text, name) in enumerate(self.texts):
            typed = forms.Textarea({"rows": 3}) if len(text) > LONG else forms.TextInput()
            typed.attrs["lang"] = language
            longest = 10_000 if name == "brief" else 500
            self.fields[f"text-{number}"] = forms.CharField(
                label=label(name), max_length=longest, required=False, widget=typed, initial=said.get(text, "")
            )

    def rows(self) -> list[tuple[str, forms.BoundField]]:
        """Each text as written, and the field for its wording."""
        return [(text, self[f"text-{number}"]) for number, (text, _name) in enumerate(self.texts)]

    def said(self) -> dict[str, str]:
        """What was typed, by the text as written; what was left empty has no wording."""
        typed = {text: self.cleaned_data[f"text-{number}"] for number, (text, _name) in enumerate(self.texts)}
        return {text: words for text, words in typed.items() if words}


@require_http_methods(["GET", "POST"])
def wording(request: PaneRequest, pk: uuid.UUID, language: str) -> HttpResponse:
    """The form of one language; posted, an edit of the draft like any other."""
    require_campaigner(request.user, request.team)
    version = CampaignPage(request, campaign_or_404(request, pk)).version
    name = dict(settings.LANGUAGES).get(language)
    if name is None or not version.in_preparation:
        raise Http404
    form = WordingForm(version, language, request.POST or None)
    if form.is_valid() and attempt(form, lambda: _save(request, version, form)) is not None:
        messages.success(request, _("Saved."))
        return redirect("campaign", pk)
    context = {"campaign": version.campaign, "form": form, "language": name, "code": language}
    return render(request, "pages/campaigns/wording.html", context, status=422 if form.is_bound else 200)


def _save(request: PaneRequest, version: ContextVersion, form: WordingForm) -> ContextVersion:
    wordings = {**version.wordings, form.language: form.said()}
    said = {code: texts for code, texts in wordings.items() if texts}
    return actions.edit_draft(version, actor=request.user, revision=form.cleaned_data["revision"], wordings=said)
