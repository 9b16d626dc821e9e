"""What can be done with connections, and what can be asked of the systems behind them."""

from connectors.services.connections import (
    check_connection,
    check_settings,
    create_connection,
    delete_connection,
    discover,
    plugin_of,
    role_of,
    shown,
    update_connection,
)

__all__ = [
    "check_connection",
    "check_settings",
    "create_connection",
    "delete_connection",
    "discover",
    "plugin_of",
    "role_of",
    "shown",
    "update_connection",
]
