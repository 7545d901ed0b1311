from django.urls import path

from console.pages.campaigns import allowance, pasting, rules, sending, views, wording

urlpatterns = [
    path("campaigns/", views.listing, name="campaigns"),
    path("campaigns/new/", views.new, name="new-campaign"),
    path("campaigns/rules/", rules.rules, name="campaign-rules"),
    path("campaigns/<uuid:pk>/", views.campaign, name="campaign"),
    path("campaigns/<uuid:pk>/preview/", views.preview, name="campaign-preview"),
    path("campaigns/<uuid:pk>/editing/", views.editing, name="campaign-editing"),
    path("campaigns/<uuid:pk>/paste/", pasting.paste, name="campaign-paste"),
    path("campaigns/<uuid:pk>/begin/", views.begin, name="campaign-begin"),
    path("campaigns/<uuid:pk>/in/<str:language>/", wording.wording, name="campaign-wording"),
    path("campaigns/<uuid:pk>/end/", sending.end, name="campaign-end"),
    path("campaigns/<uuid:pk>/approve/", sending.approve, name="campaign-approve"),
    path("campaigns/<uuid:pk>/broadcast/", sending.broadcast, name="campaign-broadcast"),
    path("campaigns/broadcasts/<uuid:pk>/recall/", sending.recall, name="broadcast-recall"),
    path("campaigns/broadcasts/<uuid:pk>/release/", sending.release, name="broadcast-release"),
    path("campaigns/deliveries/<uuid:pk>/confirm/", sending.confirm, name="delivery-confirm"),
    path("campaigns/deliveries/<uuid:pk>/retry/", sending.retry, name="delivery-retry"),
    path("campaigns/deliveries/<uuid:pk>/ask/", sending.ask, name="delivery-ask"),
    path("campaigns/requests/<uuid:pk>/accept/", sending.accept, name="request-accept"),
    path("campaigns/requests/<uuid:pk>/decline/", sending.decline, name="request-decline"),
    path("agents/<slug:slug>/context/", allowance.context, name="agent-context"),
]
