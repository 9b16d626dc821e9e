"""What sources and destinations of files have in common."""

from functools import cached_property
from typing import Any, ClassVar

from connectors.base import Access, CheckReport, Connector, Settings
from connectors.errors import ConfigError
from connectors.files.checking import check_location
from connectors.files.locations import Bucketed, Remote, locate
from connectors.files.objects import storage_options
from connectors.files.settings import FileSettings
from connectors.files.streams import Scratch
from connectors.http.networks import vet_url


class FileConnector(Connector):
    """Files of one format at a local path, a URL or in a bucket."""

    # What the names of such files end in; the first is given to new ones.
    suffixes: ClassVar[tuple[str, ...]]

    def __init__(self, settings: Settings, access: Access) -> None:
        """Keep the settings; look at nothing yet."""
        super().__init__(settings, access)
        assert isinstance(settings, FileSettings)
        self.reach = settings
        self.scratch = Scratch(access.scratch, self.stopping)

    def judge(self) -> None:
        """Refuse paths and addresses that are closed here."""
        where = locate(self.reach.path, None, self.access)
        if not isinstance(where, Remote):
            return
        try:
            vet_url(where.url, self.access.networks)
        except ConfigError as error:
            raise ConfigError(error.message, field="path") from None

    @cached_property
    def storage_options(self) -> dict[str, Any] | None:
        """Return the options with which Polars reaches the bucket, None for other places."""
        is_bucket = isinstance(locate(self.reach.path, None, self.access), Bucketed)
        return storage_options(self.reach) if is_bucket else None

    def check(self) -> CheckReport:
        """Test whether the path may be used and can be read or written."""
        return check_location(self.reach, self.access, self.suffixes)

    def close(self) -> None:
        """Remove what was downloaded and unpacked."""
        self.scratch.close()
