from django.urls import path

from console.pages.one_on_one import views

urlpatterns = [
    path("queue/round/", views.go_round, name="one-on-one-round"),
    path("agents/<slug:slug>/one-on-one/", views.one_on_one, name="one-on-one"),
    path("agents/<slug:slug>/one-on-one/feedback/", views.feedback, name="give-feedback"),
    path("agents/<slug:slug>/one-on-one/opened/", views.opened, name="one-on-one-opened"),
    path("agents/<slug:slug>/one-on-one/pasted/", views.pasted, name="instruction-pasted"),
    path("agents/<slug:slug>/one-on-one/ask/", views.ask, name="ask-agent"),
]
