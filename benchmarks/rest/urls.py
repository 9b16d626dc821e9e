"""The platform's routes, and those of the yardsticks."""

from django.urls import path

from benchmarks.rest import yardsticks
from config.urls import urlpatterns as platform

urlpatterns = [
    path("yardsticks/cheapest", yardsticks.Cheapest.as_view()),
    path("yardsticks/default", yardsticks.Default.as_view()),
    *platform,
]
