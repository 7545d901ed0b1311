from django.urls import path

from console.pages.owners import views

urlpatterns = [path("owners/", views.owners, name="owners"), path("owners/assign/", views.assign, name="assign-owners")]
