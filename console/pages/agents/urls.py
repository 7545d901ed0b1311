from django.urls import path

from console.pages.agents import connection, editing, importing, lifecycle, listing, parts, seats, views

urlpatterns = [
    path("agents/", listing.agents, name="agents"),
    path("agents/new/", editing.new, name="new-agent"),
    path("agents/import/", importing.import_agents, name="import-agents"),
    path("agents/<slug:slug>/", views.agent, name="agent"),
    path("agents/<slug:slug>/edit/", editing.edit, name="edit-agent"),
    path("agents/<slug:slug>/go-live/", lifecycle.live, name="go-live"),
    path("agents/<slug:slug>/pause/", lifecycle.pause, name="pause-agent"),
    path("agents/<slug:slug>/resume/", lifecycle.resume, name="resume-agent"),
    path("agents/<slug:slug>/retire/", lifecycle.retire, name="retire-agent"),
    path("agents/<slug:slug>/owners/", seats.seat, name="seat-owner"),
    path("agents/<slug:slug>/owners/<uuid:user>/remove/", seats.remove, name="remove-owner"),
    path("agents/<slug:slug>/connection/", connection.connect, name="connect-agent"),
    path("agents/<slug:slug>/connection/test/", connection.test, name="test-connection"),
    path("agents/<slug:slug>/connection/fetch/", connection.fetch, name="fetch-agent"),
    path("agents/<slug:slug>/connection/remove/", connection.remove, name="disconnect-agent"),
    path("agents/<slug:slug>/flow/", parts.equip_agent, name="equip-agent"),
    path("agents/<slug:slug>/second-person/", parts.set_second_person, name="set-second-person"),
    path("agents/<slug:slug>/budget/", parts.set_day_cap, name="set-day-cap"),
    path("agents/<slug:slug>/team-budget/", parts.set_team_cap, name="set-team-cap"),
    path("agents/<slug:slug>/targets/", parts.set_target, name="set-target"),
    path("agents/<slug:slug>/schedules/", parts.add_schedule, name="add-schedule"),
    path("agents/<slug:slug>/schedules/<uuid:pk>/remove/", parts.remove_schedule, name="remove-schedule"),
    path("agents/<slug:slug>/knowledge/", parts.add_knowledge, name="add-knowledge"),
    path("agents/<slug:slug>/knowledge/remove/", parts.remove_knowledge, name="remove-knowledge"),
]
