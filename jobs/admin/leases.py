"""The admin pages of target leases."""

from django.contrib import admin
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.admin.pages import ReadOnlyPage
from config.administration.showing import badge, moment, row_link
from jobs.models import TargetLease


@admin.register(TargetLease)
class TargetLeaseAdmin(ReadOnlyPage):
    """Who may write where."""

    list_display = ("place", "state", "shown_holder", "fence", "expires")
    list_select_related = ("holder",)
    search_fields = ("place", "holder__run__uuid")
    search_help_text = "Place or run"
    ordering = ("-id",)
    fieldsets = ((None, {"fields": ("place", ("state", "shown_holder"), ("fence", "expires_at"))}),)
    readonly_fields = ("state", "shown_holder")

    @display(description="state")
    def state(self, lease: TargetLease) -> SafeString:
        """Return whether somebody holds the place."""
        if lease.token is None:
            return badge("free")
        if lease.expires_at is None or lease.expires_at < timezone.now():
            return badge("run out", tone="warn")
        return badge("held", tone="busy")

    @display(description="holder")
    def shown_holder(self, lease: TargetLease) -> SafeString | str:
        """Return a link to the part that holds it, or held it last."""
        return row_link(lease.holder)

    @display(description="until", ordering="expires_at")
    def expires(self, lease: TargetLease) -> SafeString | str:
        """Return until when it is held without a sign of life."""
        return moment(lease.expires_at)
