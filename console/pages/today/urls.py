from django.urls import path

from console.pages.today import views

urlpatterns = [path("", views.today, name="today")]
