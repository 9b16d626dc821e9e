"""How the admin looks: its name, its colours, and its sidebar by what an operator does."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

# Slate and teal: the numbers are lightness, chroma and hue.
SLATE = {
    "50": "oklch(98.4% .003 220)",
    "100": "oklch(96.6% .005 220)",
    "200": "oklch(92.6% .009 220)",
    "300": "oklch(86.6% .015 220)",
    "400": "oklch(70.5% .024 220)",
    "500": "oklch(55.3% .027 220)",
    "600": "oklch(44.6% .027 220)",
    "700": "oklch(37.2% .026 220)",
    "800": "oklch(27.9% .024 220)",
    "900": "oklch(21.2% .021 220)",
    "950": "oklch(14.5% .018 220)",
}
TEAL = {
    "50": "oklch(97.6% .013 195)",
    "100": "oklch(94.4% .03 195)",
    "200": "oklch(89.4% .055 195)",
    "300": "oklch(82.2% .085 195)",
    "400": "oklch(73.5% .105 195)",
    "500": "oklch(62.5% .1 195)",
    "600": "oklch(52% .088 195)",
    "700": "oklch(44.5% .075 195)",
    "800": "oklch(38% .062 195)",
    "900": "oklch(32.5% .05 195)",
    "950": "oklch(24% .037 195)",
}


def unfold(*, is_debug: bool) -> dict[str, Any]:
    """Return the settings of django-unfold."""
    environment = ["Development", "warning"] if is_debug else ["Production", "success"]

    def label(_request: HttpRequest) -> list[str]:
        return environment

    return {
        "SITE_TITLE": "Millrace",
        "SITE_HEADER": "Millrace",
        "SITE_SUBHEADER": "Administration · times in UTC",
        "SITE_SYMBOL": "water",
        "SITE_URL": None,
        "SITE_FAVICONS": [
            {
                "rel": "icon",
                "type": "image/svg+xml",
                "href": _icon,
            }
        ],
        "SHOW_VIEW_ON_SITE": False,
        "SHOW_BACK_BUTTON": False,
        "ENVIRONMENT": label,
        "BORDER_RADIUS": "6px",
        "COLORS": {"base": SLATE, "primary": TEAL},
        "STYLES": [_styles],
        "DASHBOARD_CALLBACK": "jobs.admin.dashboard.with_overview",
        "SIDEBAR": {"show_search": True, "command_search": True, "navigation": sidebar()},
        # Its own search of models reads every row that matches.
        "COMMAND": {"search_models": False, "search_callback": "jobs.admin.finding.find"},
    }


def sidebar() -> list[dict[str, Any]]:
    """Return the groups of the sidebar with their links."""
    return [
        {"items": [_item("Overview", "dashboard", "index")]},
        _group(
            "Work",
            _item("Jobs", "event_repeat", "jobs_job_changelist"),
            _item("File jobs", "draft", "jobs_filejob_changelist"),
            _item("Runs", "play_circle", "jobs_run_changelist"),
            _item("Parts", "splitscreen", "jobs_part_changelist"),
            _item("Steps", "steppers", "jobs_steprun_changelist"),
            _item("Events", "receipt_long", "jobs_runevent_changelist"),
            _item("Checkpoints", "bookmark", "jobs_checkpoint_changelist"),
            _item("Target leases", "lock_clock", "jobs_targetlease_changelist"),
        ),
        _group("Systems", _item("Connections", "cable", "connectors_connection_changelist")),
        _group(
            "Models",
            _item("Workspaces", "schema", "modelling_workspace_changelist"),
            _item("Tables", "table", "modelling_table_changelist"),
            _item("Participants", "groups", "modelling_participant_changelist"),
            _item("Changes", "history", "modelling_event_changelist"),
        ),
        _group(
            "People",
            _item("Users", "person", "accounts_user_changelist"),
            _item("Projects", "folder_shared", "accounts_project_changelist"),
            _item("Memberships", "group", "accounts_membership_changelist"),
            _item("Sessions", "devices", "accounts_session_changelist"),
            _item("API keys", "key", "accounts_apikey_changelist"),
            _item("GitHub accounts", "code", "accounts_githubaccount_changelist"),
        ),
        _group("Record", _item("Audit events", "policy", "accounts_auditevent_changelist")),
    ]


def _icon(_request: HttpRequest) -> str:
    return static("administration/icon.svg")


def _styles(_request: HttpRequest) -> str:
    return static("administration/pages.css")


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": list(items)}


def _item(title: str, icon: str, page: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{page}")}
