from django.urls import path

from console.pages.policy import views

urlpatterns = [
    path("settings/policy/", views.policy_page, name="policy"),
    path("settings/policy/<int:number>/restore/", views.restore, name="policy-restore"),
]
