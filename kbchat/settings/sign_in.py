"""Settings of how people come in: a link in a mail, an identity provider. Documented in deploy/env.example."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from kbchat.core.addresses import is_guarded


class SignIn(BaseSettings):
    smtp_host: str | None = None
    """unset: no mail is sent, and administrators hand over links themselves."""
    smtp_port: int = Field(587, gt=0, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str | None = None
    """The sender of every mail, such as "kbchat <kb@example.com>"."""
    sso_name: str = ""
    """What the sign-in page calls the identity provider; empty: its host."""
    sso_create_people: bool = False
    """Whether whoever the provider knows gets an account with the first sign-in."""
    sso_trust_email: bool = False
    """Whether an e-mail that the provider has verified may lead to an account that exists already."""
    oidc_issuer: str | None = Field(None, max_length=200)
    """The identity provider's issuer, exactly as it writes it; unset: no OpenID Connect."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid profile email"
    oidc_groups_claim: str = ""
    """The claim that names a person's groups; empty: groups are kept here alone."""
    saml_metadata_file: Path | None = None
    """The identity provider's metadata; unset: no SAML. Only web reads the file, when it starts."""
    saml_entity_id: str = ""
    """What the provider calls us; empty: the address of our metadata."""
    saml_email_attribute: str = "email"
    saml_email_verified_attribute: str = ""
    """The attribute that is "true" where the provider has verified the e-mail; empty: it vouches for all of them."""
    saml_name_attribute: str = "displayName"
    saml_groups_attribute: str = ""
    """As KBCHAT_OIDC_GROUPS_CLAIM."""

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if (self.smtp_host is None) != (self.smtp_from is None):
            raise ValueError("set KBCHAT_SMTP_HOST and KBCHAT_SMTP_FROM together, or neither")
        if bool(self.smtp_username) != bool(self.smtp_password.get_secret_value()):
            raise ValueError("set KBCHAT_SMTP_USERNAME and KBCHAT_SMTP_PASSWORD together, or neither")
        if self.smtp_username and self.smtp_security == "none":
            raise ValueError(
                "KBCHAT_SMTP_SECURITY=none would send the password in the clear: set starttls or tls"
            )
        return self

    @model_validator(mode="after")
    def _single_sign_on_is_whole(self) -> Self:
        parts = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)
        if any(parts) and not all(parts):
            raise ValueError(
                "set KBCHAT_OIDC_ISSUER, KBCHAT_OIDC_CLIENT_ID and KBCHAT_OIDC_CLIENT_SECRET together, or none"
            )
        if self.oidc_issuer and not is_guarded(self.oidc_issuer):
            raise ValueError("KBCHAT_OIDC_ISSUER must begin with https:// (http:// on a loopback host only)")
        if "openid" not in self.oidc_scopes.split():
            raise ValueError("KBCHAT_OIDC_SCOPES must name openid")
        if self.oidc_issuer and self.saml_metadata_file:
            raise ValueError(
                "set KBCHAT_OIDC_ISSUER or KBCHAT_SAML_METADATA_FILE, not both: people sign in at one provider"
            )
        return self
