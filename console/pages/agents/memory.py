"""What an agent knows and remembers: its documents, whose knowledge it shares, what it keeps of customers."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from agents.fleet import actions
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, KnowledgePassage
from agents.fleet.permissions import agents_for, verbs_on
from agents.fleet.queries.knowledge import document_text, documents, knowledge_grants, vectors
from agents.runs import actions as runs
from agents.runs.enums import Remembered
from agents.runs.models import Memory
from agents.runs.services.knowledge import has_likeness
from agents.runs.services.memories import LONGEST
from agents.runs.services.nearness import has_vectors
from console.forms import accepted
from console.pages.agents.fetch import visible
from console.request import PaneRequest

PAGE = "pages/agents/memory.html"
SHOWN = 100
"""So many memories are listed, the newest; the others are counted."""


class DocumentForm(forms.Form):
    """A document typed or put right; one of the same name is replaced."""

    source = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=1_000_000, widget=forms.Textarea(attrs={"rows": 12}))


class LendForm(forms.Form):
    """Whose knowledge the agent may look up."""

    lender = forms.ModelChoiceField(label=gettext_lazy("Whose knowledge"), queryset=Agent.objects.none())
    memories = forms.BooleanField(label=gettext_lazy("also what it remembers of customers"), required=False)
    why = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, *given: Any, lenders: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["lender"].queryset = lenders  # type: ignore[attr-defined]


class TellForm(forms.Form):
    """Something the agent is to know of a customer."""

    address = forms.CharField(label=gettext_lazy("E-mail address or telephone number"), max_length=300)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Remembered.choices, initial=Remembered.PREFERENCE)
    text = forms.CharField(label=gettext_lazy("Text"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))


class ForgetForm(forms.Form):
    address = forms.CharField(label=gettext_lazy("E-mail address or telephone number"), max_length=300)


@require_safe
def agent_memory(request: PaneRequest, slug: str) -> HttpResponse:
    """The page; `?source=` opens that document's text for editing."""
    return _page(request, visible(request, slug), source=request.GET.get("source", ""))


@require_POST
def write_document(request: PaneRequest, slug: str) -> HttpResponse:
    agent, form = visible(request, slug), DocumentForm(request.POST)
    if accepted(form, lambda: actions.add_knowledge(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Saved. The agent finds it from its next run on."))
        return redirect("agent-memory", slug)
    return _page(request, agent, 422, document_form=form)


@require_POST
def grant_knowledge(request: PaneRequest, slug: str) -> HttpResponse:
    agent = visible(request, slug)
    form = LendForm(request.POST, lenders=_lenders(request, agent))
    if accepted(form, lambda: actions.grant_knowledge(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("The agent finds it from its next run on."))
        return redirect("agent-memory", slug)
    return _page(request, agent, 422, lend_form=form)


@require_POST
def withdraw_knowledge(request: PaneRequest, slug: str) -> HttpResponse:
    lender = visible(request, request.POST.get("lender", ""))
    actions.withdraw_knowledge(visible(request, slug), lender=lender, actor=request.user)
    messages.success(request, _("The agent no longer finds it."))
    return redirect("agent-memory", slug)


@require_POST
def tell_memory(request: PaneRequest, slug: str) -> HttpResponse:
    agent, form = visible(request, slug), TellForm(request.POST)
    if accepted(form, lambda: runs.tell_memory(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("The agent knows it from its next run on."))
        return redirect("agent-memory", slug)
    return _page(request, agent, 422, tell_form=form)


@require_POST
def correct_memory(request: PaneRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    memory = get_object_or_404(Memory, pk=pk, agent=visible(request, slug))
    runs.correct_memory(memory, text=request.POST.get("text", ""), actor=request.user)
    messages.success(request, _("Saved."))
    return redirect("agent-memory", slug)


@require_POST
def forget(request: PaneRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    runs.forget(get_object_or_404(Memory, pk=pk, agent=visible(request, slug)), actor=request.user)
    messages.success(request, _("Forgotten."))
    return redirect("agent-memory", slug)


@require_POST
def forget_contact(request: PaneRequest, slug: str) -> HttpResponse:
    """Everything of one customer; the address is kept nowhere."""
    agent, form, n = visible(request, slug), ForgetForm(request.POST), 0

    def act() -> bool:
        nonlocal n
        n = runs.forget_contact(agent, actor=request.user, **form.cleaned_data)
        return True

    if accepted(form, act):
        said = ngettext("%(n)d thing forgotten.", "%(n)d things forgotten.", n) % {"n": n}
        messages.success(request, said)
        return redirect("agent-memory", slug)
    return _page(request, agent, 422, forget_form=form)


def _lenders(request: PaneRequest, agent: Agent) -> Any:
    mine = agents_for(request.user, Verb.CONFIGURE).filter(team=request.team)
    return mine.exclude(pk=agent.pk).order_by("name", "pk")


def _page(request: PaneRequest, agent: Agent, status: int = 200, source: str = "", **given: Any) -> HttpResponse:
    held = verbs_on(request.user, agent)
    known = Memory.objects.filter(agent=agent)
    text = document_text(agent, source) if source else ""
    chosen = {"source": source, "text": text} if text else None
    context = {
        "agent": agent,
        "may": {verb.value: verb in held for verb in Verb},
        "documents": documents(agent),
        "passages": KnowledgePassage.objects.filter(agent=agent, source=source).order_by("ordinal") if source else (),
        "source": source,
        "grants": list(knowledge_grants(agent)),
        "likeness": has_likeness(),
        "vectors": vectors(agent),
        "pgvector": has_vectors,
        "memories": known.select_related("run", "corrected_by").order_by("-at", "-pk")[:SHOWN],
        "all": known.count(),
        "longest": LONGEST,
        "document_form": DocumentForm(initial=chosen),
        "lend_form": LendForm(lenders=_lenders(request, agent), auto_id="lend_%s"),
        "tell_form": TellForm(auto_id="tell_%s"),
        "forget_form": ForgetForm(auto_id="forget_%s"),
        **given,
    }
    return render(request, PAGE, context, status=status)
