"""How /openapi.json names the ways to say who one is."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    """An access token, as any contract's log-in answers it."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the Authorization header as OpenAPI says it."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class LocalScheme(OpenApiAuthenticationExtension):
    """Nothing at all, which is enough in open mode."""

    target_class = "accounts.permissions.LocalAuthentication"
    name: list[str] = []

    def get_security_definition(self, auto_schema: object) -> list[dict[str, Any]]:
        """Return nothing, for there is nothing to send."""
        return []

    def get_security_requirement(self, auto_schema: object) -> dict[str, list[str]]:
        """Return a requirement that asks for nothing."""
        return {}
