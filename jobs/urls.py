"""The paths of jobs and runs."""

from config.api.routing import both
from jobs.views import filejobs, history, jobs, runs, streams

urlpatterns = [
    *both("jobs", jobs.Jobs.as_view(), name="jobs"),
    *both("jobs/<id:job>", jobs.JobDetail.as_view(), name="job"),
    *both("jobs/<id:job>/run", runs.JobStart.as_view(), name="job-run"),
    *both("jobs/<id:job>/clear", streams.JobClear.as_view(), name="job-clear"),
    *both("jobs/<id:job>/plan", streams.JobPlan.as_view(), name="job-plan"),
    *both("jobs/<id:job>/streams", streams.JobStreams.as_view(), name="job-streams"),
    *both("jobs/<id:job>/streams/state", streams.StreamState.as_view(), name="stream-state"),
    *both("jobs/<id:job>/streams/reset", streams.StreamsReset.as_view(), name="streams-reset"),
    *both("jobs/<id:job>/history", history.JobHistory.as_view(), name="job-history"),
    *both("jobs/<id:job>/tasks", history.JobTasks.as_view(), name="job-tasks"),
    *both("jobs/<id:job>/task/<id:task>", history.JobTaskLog.as_view(), name="job-task"),
    *both("sources/<id:source>/jobs", history.SourceJobs.as_view(), name="source-jobs"),
    *both(
        "destinations/<id:destination>/jobs",
        history.DestinationJobs.as_view(),
        name="destination-jobs",
    ),
    *both("runs", runs.Runs.as_view(), name="runs"),
    *both("runs/<id:run>", runs.RunDetail.as_view(), name="run"),
    *both("runs/<id:run>/cancel", runs.RunCancel.as_view(), name="run-cancel"),
    *both("runs/<id:run>/retry", runs.RunRetry.as_view(), name="run-retry"),
    *both("runs/<id:run>/events", runs.RunEvents.as_view(), name="run-events"),
    *both("api/v1/jobs", filejobs.FileJobs.as_view(), name="file-jobs"),
    *both("api/v1/jobs/<id:file_job>", filejobs.FileJobDetail.as_view(), name="file-job"),
    *both("api/v1/jobs/<id:file_job>/upload-url", filejobs.UploadUrl.as_view(), name="upload-url"),
    *both(
        "api/v1/jobs/<id:file_job>/mark-uploaded",
        filejobs.MarkUploaded.as_view(),
        name="mark-uploaded",
    ),
    *both(
        "api/v1/jobs/<id:file_job>/download-url",
        filejobs.DownloadUrl.as_view(),
        name="download-url",
    ),
    *both(
        "api/v1/jobs/<id:file_job>/cancel", filejobs.FileJobCancel.as_view(), name="file-job-cancel"
    ),
    *both(
        "api/v1/jobs/<id:file_job>/retry", filejobs.FileJobRetry.as_view(), name="file-job-retry"
    ),
    *both(
        "api/v1/jobs/<id:file_job>/preview",
        filejobs.FileJobPreview.as_view(),
        name="file-job-preview",
    ),
    *both(
        "api/v1/jobs/<id:file_job>/events",
        filejobs.FileJobEvents.as_view(),
        name="file-job-events",
    ),
]
