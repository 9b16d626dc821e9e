"""What pages of other sites may send and read, as the Olake contract and our own headers ask."""

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
HEADERS = [
    "origin",
    "content-type",
    "accept",
    "authorization",
    "idempotency-key",
    "if-match",
    "x-api-key",
    "x-connection-id",
    "x-request-id",
]
EXPOSED = [
    "ETag",
    "Idempotent-Replayed",
    "Retry-After",
    "X-Page",
    "X-Page-Size",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
    "X-Total-Count",
    "X-Total-Pages",
]
