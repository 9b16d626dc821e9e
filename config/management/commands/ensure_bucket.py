"""Make the bucket of an object store of one's own."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.objects import ObjectsError
from config.objects.s3 import S3Store


class Command(BaseCommand):
    """Makes the bucket that OBJECT_STORE_URL names, unless it is there."""

    help = "Make the bucket of OBJECT_STORE_URL, if it is not there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the bucket and say so; CommandError says what is wrong with the store."""
        if not settings.OBJECT_STORE:
            return
        store = S3Store(settings.OBJECT_STORE)
        try:
            is_new = store.ensure_bucket()
        except ObjectsError as error:
            raise CommandError(error.message) from error
        if is_new:
            self.stdout.write(f"Made the bucket {store.bucket}.")
