from django.urls import path

from console.pages.settings import views

urlpatterns = [
    path("settings/", views.settings_page, name="settings"),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/team/", views.choose_team, name="choose-team"),
    path("settings/tokens/", views.new_token, name="new-token"),
    path("settings/tokens/<uuid:pk>/revoke/", views.revoke_token, name="revoke-token"),
]
