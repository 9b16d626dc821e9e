"""The certificates of an encrypted connection, as every kind of database takes them."""

from typing import Annotated

from pydantic import AliasChoices, AliasPath, Field, SecretStr

Root = Annotated[
    SecretStr | None,
    Field(
        title="Certificate authority",
        description="PEM text of whom to trust, for verify-ca and verify-full.",
        validation_alias=AliasChoices("ssl_root", AliasPath("ssl", "server_ca")),
    ),
]
Certificate = Annotated[
    SecretStr | None,
    Field(
        title="Client certificate",
        description="PEM text.",
        validation_alias=AliasChoices("ssl_certificate", AliasPath("ssl", "client_cert")),
    ),
]
Key = Annotated[
    SecretStr | None,
    Field(
        title="Client key",
        description="PEM text.",
        validation_alias=AliasChoices("ssl_key", AliasPath("ssl", "client_key")),
    ),
]
