from django.urls import path

from console.pages.ranking import views

urlpatterns = [path("settings/ranking/", views.ranking_page, name="ranking")]
