"""How /openapi.json names the ways to say who one is."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    """An access token as any contract's log-in answers it, or an API key in one of two headers."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = ["token", "apiKey", "apiKeyAsToken"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:
        """Return the headers as OpenAPI says them."""
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access token of a log-in, whichever contract's it is.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": "An API key, within its scopes.",
            },
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "API key",
                "description": "An API key where a token is expected.",
            },
        ]

    def get_security_requirement(self, auto_schema: object) -> list[dict[str, list[str]]]:
        """Return that any of the ways will do."""
        return [{name: []} for name in self.name]


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
