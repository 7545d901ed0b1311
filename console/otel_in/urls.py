"""No slash at the end: exporters add `/v1/traces` to the endpoint they are given, and follow no redirect."""

from django.urls import path

from console.otel_in import views

urlpatterns = [path("otel/v1/traces", views.traces, name="otel-traces")]
