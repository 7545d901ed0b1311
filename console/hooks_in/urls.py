from django.urls import path

from console.hooks_in import views

urlpatterns = [path("hooks/<str:source>", views.hook, name="hook")]
"""No slash at the end: senders post to the address as it is shown, and a redirect would lose the body."""
