"""Examples of what the account routes take and answer, for the OpenAPI document."""

from typing import Any

TIME = "2026-01-20T10:30:00Z"
UUID = "c1f7a2b9-e3d4-4f5c-8a1b-0e9d8f7c6b5a"
# Not a token, only what one looks like.
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."  # noqa: S105
ORC_USER: dict[str, Any] = {
    "user_id": UUID,
    "username": "myuser",
    "created_at": TIME,
    "updated_at": TIME,
}
OLAKE_USER: dict[str, Any] = {"id": 1, "email": "john@example.com", "name": "John Doe"}
PROFILE: dict[str, Any] = {
    "id": UUID,
    "username": "john_doe",
    "email": "john@example.com",
    "full_name": "John Doe",
    "role": "viewer",
    "is_active": True,
}
NEW_USER: dict[str, Any] = {key: value for key, value in PROFILE.items() if key != "is_active"}
ME: dict[str, Any] = PROFILE | {"user": PROFILE | {"name": "John Doe"}}
LONE_TOKEN: dict[str, Any] = {"token": TOKEN, "refresh_token": TOKEN, "expires_in": 86400}
OLAKE_TOKEN: dict[str, Any] = LONE_TOKEN | {"user": OLAKE_USER, "project_id": 1}
OLAKE_CHECK: dict[str, Any] = {"authenticated": True, "user": OLAKE_USER, "project_id": 1}
PLATFORM_TOKEN: dict[str, Any] = {
    "access_token": TOKEN,
    "refresh_token": TOKEN,
    "token_type": "bearer",
    "expires_in": 900,
}
TOKEN_PAIR: dict[str, Any] = PLATFORM_TOKEN | {
    "token_type": "Bearer",
    "access_token_expires_at": 1768905900,
    "refresh_token_expires_at": 1769509800,
}
LOG_OUT: dict[str, Any] = {"refresh_token": TOKEN}
MESSAGE: dict[str, Any] = {"message": "You are logged out"}
PROFILE_CHANGE: dict[str, Any] = {"full_name": "John Doe"}
PASSWORD_CHANGE: dict[str, Any] = {
    "current_password": "SecurePassword123!",
    "new_password": "AnotherPassword456!",
}
