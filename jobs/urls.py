"""The paths of jobs and runs."""

from config.api.routing import both
from jobs import views

urlpatterns = [
    *both("jobs", views.Jobs.as_view(), name="jobs"),
    *both("jobs/<id:job>", views.JobDetail.as_view(), name="job"),
    *both("jobs/<id:job>/run", views.JobStart.as_view(), name="job-run"),
    *both("runs", views.Runs.as_view(), name="runs"),
    *both("runs/<id:run>", views.RunDetail.as_view(), name="run"),
    *both("runs/<id:run>/cancel", views.RunCancel.as_view(), name="run-cancel"),
    *both("runs/<id:run>/retry", views.RunRetry.as_view(), name="run-retry"),
    *both("runs/<id:run>/events", views.RunEvents.as_view(), name="run-events"),
]
