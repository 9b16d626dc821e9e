"""The first rows of an uploaded file, before and after the steps; a quick worker looks at them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ValidationError

from config.objects import object_store
from connectors.models import Inquiry, Question
from connectors.services import inquiries
from jobs import tasks
from jobs.compiling import recipe_of
from jobs.models import FileJob


def preview(
    *, job: FileJob, rows: int, processing_steps: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Return `{before, after, sample_rows}`, by other steps than the job's where they are given.

    ConfigError says what is wrong with the steps, TransientError that nobody answered in time.
    """
    steps = job.processing_steps if processing_steps is None else list(processing_steps)
    recipe = recipe_of(
        file_name=job.file_name, steps=steps, read=job.input_options, write=job.output_options
    )
    if object_store().head(job.input_key) is None:
        raise ValidationError("There is no file yet: send it to the upload URL first")
    inquiry = Inquiry(
        question=Question.PREVIEW,
        connector=recipe.source.connector,
        settings={"file_job": str(job.uuid), "rows": rows, "processing_steps": steps},
    )
    seconds = settings.PREVIEW_SECONDS + settings.ANSWER_PATIENCE_SECONDS
    found: dict[str, Any] = inquiries.ask(inquiry, ring=tasks.ring_preview, seconds=seconds)
    return found["preview"]
