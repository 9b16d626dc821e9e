"""The paths of the sockets of jobs."""

from django.urls import path

from jobs.consumers import RunConsumer

websocket_urlpatterns = [
    path("api/v1/ws/runs/<uuid:run>", RunConsumer.as_asgi()),
    path("api/v1/ws/runs/<uuid:run>/", RunConsumer.as_asgi()),
]
