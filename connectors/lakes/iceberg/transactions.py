"""Changes to a table that are handed to its catalog once.

pyiceberg tries a commit again by itself when another one came first, without a look at our markers.
"""

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table, Transaction
from pyiceberg.table.update import AssertTableUUID


class Single(Transaction):
    """A transaction that raises CommitFailedException as soon as another writer was first."""

    def commit_transaction(self) -> Table:
        """Ask the catalog for all changes; a lost race leaves no manifests."""
        unchanged = AssertTableUUID(uuid=self.table_metadata.table_uuid)
        try:
            self._table.catalog.commit_table(
                self._table, (*self._requirements, unchanged), self._updates
            )
        except CommitFailedException:
            for producer in self._snapshot_producers:
                producer._clean_all_uncommitted()  # noqa: SLF001 - nothing public removes them
            raise
        return self._table
