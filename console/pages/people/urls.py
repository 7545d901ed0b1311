from django.urls import path

from console.pages.people import credentials, joining, views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/invitations/<uuid:pk>/revoke/", views.revoke_invitation, name="revoke-invitation"),
    path("people/<uuid:pk>/role/", views.change_role, name="change-role"),
    path("people/<uuid:pk>/deactivate/", views.deactivate, name="deactivate"),
    path("people/<uuid:pk>/reactivate/", views.reactivate, name="reactivate"),
    path("people/<uuid:pk>/credentials/", credentials.credentials, name="new-credentials"),
    path("join/<str:token>/", joining.join, name="join"),
]
