"""Runs by where they stand, newest first: what an operator asks for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_jobs_and_runs")]

    operations = [
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["status", "-created_at"], name="run_of_status"),
        ),
    ]
