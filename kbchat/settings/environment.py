"""Every setting that an operator can make, typed, read once, all errors at once.

The names here are the names in deploy/env.example (a test compares them). No setting of ours is read elsewhere.
"""

import re
import secrets
import socket
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from kbchat.core.addresses import LOOPBACK_HOSTS, is_guarded, without_password
from kbchat.core.private_files import kept_private
from kbchat.settings.limits import Limits
from kbchat.settings.sign_in import SignIn
from kbchat.sources.addresses import origin_of

PROJECT_ROOT = Path(__file__).resolve().parents[2]
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+")
_LEAST_SECRET_CHARACTERS = 32
_LEAST_DIFFERENT_CHARACTERS = 8
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 (compared, not listened on)


DatabaseRole = Literal["application", "worker", "owner"]


class SettingsError(Exception):
    """One or more settings cannot be used; the message lists all of them with what to do."""


def _plain(name: str) -> AliasChoices:
    """The variable's name without the KBCHAT_ prefix, for the few that are everybody's convention."""
    return AliasChoices(name)


class Environment(SignIn, Limits):
    model_config = SettingsConfigDict(env_prefix="KBCHAT_", env_ignore_empty=True, extra="ignore")

    database_url: SecretStr | None = Field(None, validation_alias=_plain("DATABASE_URL"))
    """Connects as the application role; unset: embedded PostgreSQL."""
    owner_database_url: SecretStr | None = None
    """Connects as the owner: migrates and creates roles."""
    worker_database_url: SecretStr | None = None
    """Connects as the worker role."""
    redis_url: SecretStr | None = Field(None, validation_alias=_plain("REDIS_URL"))
    """unset: embedded Redis."""

    llm_base_url: str | None = None
    """One address, or several of servers that serve the same model, separated by commas or blanks."""
    llm_model: str | None = None
    llm_api_key: SecretStr = SecretStr("")
    llm_first_token_seconds: float = Field(60, gt=0)
    llm_between_tokens_seconds: float = Field(20, gt=0)
    answer_seconds: float = Field(180, gt=0)
    answer_tokens: int = Field(1024, gt=0)
    llm_thinking_tokens: int = Field(0, ge=0)
    """Of what a model thinks before it answers; 0: it thinks within the answer's tokens."""
    neighbour_tokens: int = Field(1000, ge=0)
    """Of what stands around the passages that a model is given; 0: nothing."""
    answers_concurrency: int = Field(32, gt=0)
    abandoned_seconds: float = Field(120, ge=0)
    """How long nobody may follow an answer before it is stopped; 0: for ever."""

    embedding_model: str = ""
    """Name or folder of a sentence-transformers model; empty: all-MiniLM-L6-v2 from its package."""
    embedding_base_url: str | None = None
    embedding_api_key: SecretStr = SecretStr("")
    other_embedding_models: list[str] = Field([])
    """That administrators may choose for another index besides: names or folders, or addresses with the model's name
    behind a #. A browser names none that does not stand here."""
    reranker_model: str = ""
    """Name or folder of a cross-encoder; empty, and without an address: none reads the passages again."""
    reranker_base_url: str | None = None
    reranker_api_key: SecretStr = SecretStr("")
    claim_judge: str = ""
    """Who looks again at what an answer claims: "language_model", or the name or folder of a cross-encoder for
    natural-language inference; empty: words, numbers, dates and names alone."""

    data_dir: Path = PROJECT_ROOT / "var"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    public_origins: list[str] = Field([])
    """Complete origins, such as ["https://kb.example.com"]; empty: the host and port above."""
    secret_key: SecretStr | None = None
    """unset: made once and kept in the data folder."""
    former_secret_keys: list[SecretStr] = Field([])
    """What they sealed is still read: the secrets of authenticator apps and of sources."""
    require_second_factor: Literal["nobody", "managers", "everybody"] = "nobody"
    """Of those who sign in with a password. Managers: administrators and auditors."""
    admin_email: str | None = None
    admin_password: SecretStr | None = None
    sample_company: bool = True
    """Load the sample company where it may be loaded: embedded PostgreSQL, loopback host, nobody there yet."""
    demo_password: SecretStr | None = None
    """The sample people's password; unset: random ones."""
    storage_backend: str = "kbchat.documents.storage.FolderStorage"
    storage_options: dict[str, str] = Field({})
    source_roots: list[Path] = Field([])
    """Folders below which sources may read; empty: none."""
    source_origins: list[str] = Field([])
    """Where sources may ask on the web, such as ["https://docs.example.com"]; empty: nowhere."""
    source_networks: list[IPv4Network | IPv6Network] = Field([])
    """Networks that are not public and that those origins may stand in, such as ["10.20.0.0/16"]."""
    source_processes: int = Field(4, gt=0)
    """Sources that are read at once."""
    clamd_address: str = ""
    """Of ClamAV's daemon, which looks at every file before anything reads it; empty: none does."""
    ocr_languages: str = Field(
        "eng+chi_sim+chi_tra", pattern=r"^([A-Za-z][A-Za-z0-9_]*(\+[A-Za-z][A-Za-z0-9_]*)*)?$"
    )
    """In which Tesseract looks for text in pictures and scanned pages, by its own names, the likeliest first; those
    that it has no data for are left out. Empty: it is not asked."""
    convert_older_office: bool = True
    """Whether LibreOffice, where it is installed, reads DOC, XLS and PPT."""
    parse_processes: int = Field(2, gt=0)
    parse_seconds: float = Field(120, gt=0)
    parse_memory_bytes: int = Field(2 * 1024**3, gt=0)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    metrics_token: SecretStr | None = None
    """Whoever shows it reads /metrics; unset: nobody does. A proxy's requests come from the loopback address, too, so
    that address is no proof of anything."""
    metrics_dir: Path | None = Field(None, validation_alias=_plain("PROMETHEUS_MULTIPROC_DIR"))
    """Where all processes of a machine write their numbers, by the name under which prometheus-client looks for it."""

    process: DatabaseRole = "application"
    """Set by kbchat itself: which database role this process takes."""
    embedded_postgres: bool = False
    """Set by kbchat itself when it started the database server."""

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK_HOSTS

    @property
    def is_plain_loopback(self) -> bool:
        """Plain HTTP that never leaves this machine."""
        return self.is_loopback and all(origin.startswith("http://") for origin in self.origins)

    @property
    def origins(self) -> list[str]:
        if self.public_origins:
            return self.public_origins
        hosts = [self.host]
        if self.is_loopback:
            hosts = list(dict.fromkeys([self.host, "127.0.0.1", "localhost"]))
        elif self.host in _EVERY_ADDRESS:
            hosts = [socket.gethostname().lower(), "localhost", "127.0.0.1"]
        return [f"http://{_in_an_address(host)}:{self.port}" for host in hosts]

    @property
    def host_names(self) -> list[str]:
        """The hosts of `origins` as requests name them: an IPv6 address stands in brackets."""
        return sorted({_in_an_address(urlsplit(origin).hostname or "") for origin in self.origins})

    @property
    def lacks_tls(self) -> bool:
        """Whether people on other machines would come by plain HTTP; they are refused."""
        return not self.is_loopback and not self.public_origins

    @property
    def llm_base_urls(self) -> list[str]:
        return (self.llm_base_url or "").replace(",", " ").split()

    @field_validator("llm_base_url")
    @classmethod
    def _model_addresses_are_whole(cls, written: str | None) -> str | None:
        addresses = (written or "").replace(",", " ").split()
        for address in addresses:
            if ";" in address or "#" in address or not _is_model_server(address):
                raise ValueError(
                    f"{address} is no address of a model server such as http://127.0.0.1:8001/v1"
                )
        if len(set(addresses)) < len(addresses):
            raise ValueError("an address stands there twice")
        return written if addresses else None

    @field_validator("other_embedding_models")
    @classmethod
    def _other_models_can_be_opened(cls, models: list[str]) -> list[str]:
        for model in models:
            if not model.strip() or ("://" in model and not _is_model_server(model.partition("#")[0])):
                named = without_password(model.strip()) or "an empty name"
                raise ValueError(
                    f"{named} is neither a model's name or folder nor an address such as "
                    "http://127.0.0.1:8002/v1#name"
                )
        return models

    @field_validator("public_origins")
    @classmethod
    def _origins_are_complete(cls, origins: list[str]) -> list[str]:
        """Every one names one host: a pattern would let in whoever can name a host to match it."""
        for origin in origins:
            parts = urlsplit(origin)
            is_whole = parts.scheme in ("http", "https") and parts.netloc and parts.path in ("", "/")
            if not is_whole or parts.username or parts.query or not _HOST.fullmatch(parts.hostname or ""):
                raise ValueError(
                    f"{origin} is no complete origin such as https://kb.example.com (no pattern, no path)"
                )
        return origins

    @field_validator("secret_key", "metrics_token")
    @classmethod
    def _secrets_are_strong(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            _require_strength(secret.get_secret_value())
        return secret

    @field_validator("former_secret_keys")
    @classmethod
    def _former_secrets_are_strong(cls, keys: list[SecretStr]) -> list[SecretStr]:
        for key in keys:
            _require_strength(key.get_secret_value())
        return keys

    @field_validator("clamd_address")
    @classmethod
    def _clamd_is_reached(cls, address: str) -> str:
        parts = urlsplit(address)
        is_tcp = parts.scheme == "tcp" and parts.hostname and not parts.path
        is_unix = parts.scheme == "unix" and not parts.netloc and parts.path
        if address and not (is_tcp or is_unix):
            raise ValueError(f"{address} is neither tcp://host:port nor unix:///path")
        return address

    @field_validator("source_roots")
    @classmethod
    def _roots_are_whole_paths(cls, roots: list[Path]) -> list[Path]:
        for root in roots:
            if not root.is_absolute() or root == Path("/"):
                raise ValueError(f"{root} is no folder to open to sources: name a whole path that is not /")
        return roots

    @field_validator("source_origins")
    @classmethod
    def _source_origins_are_complete(cls, origins: list[str]) -> list[str]:
        return [origin_of(origin) for origin in origins]

    @model_validator(mode="after")
    def _administrator_is_whole(self) -> Self:
        if (self.admin_email is None) != (self.admin_password is None):
            raise ValueError("set KBCHAT_ADMIN_EMAIL and KBCHAT_ADMIN_PASSWORD together, or neither")
        return self

    @model_validator(mode="after")
    def _people_come_by_tls(self) -> Self:
        open_origins = [origin for origin in self.public_origins if not is_guarded(origin)]
        if open_origins:
            raise ValueError(
                f"KBCHAT_PUBLIC_ORIGINS: {', '.join(open_origins)} must begin with https:// "
                "(http:// on a loopback host only)"
            )
        return self

    def require_database_url(self, role: DatabaseRole | None = None) -> str:
        """The address for `role`, or for this process's own. Raises SettingsError where it is not set."""
        name, chosen = {
            "application": ("DATABASE_URL", self.database_url),
            "worker": ("KBCHAT_WORKER_DATABASE_URL", self.worker_database_url),
            "owner": ("KBCHAT_OWNER_DATABASE_URL", self.owner_database_url),
        }[role or self.process]
        if chosen is None:
            raise SettingsError(
                f"{name} is not set. Set it, or unset DATABASE_URL to use the embedded PostgreSQL."
            )
        return chosen.get_secret_value()

    def secret_key_value(self) -> str:
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return _kept_secret(self.data_dir / "secret_key")


def _is_model_server(address: str) -> bool:
    parts = urlsplit(address)
    is_whole = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.hostname or "")
    return bool(is_whole) and not parts.query


def _in_an_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _kept_secret(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = kept_private(path, lambda: secrets.token_urlsafe(50))
    except OSError as error:
        raise SettingsError(
            f"The data folder {path.parent} cannot be written ({error.strerror}). "
            "Set KBCHAT_DATA_DIR to a folder of your own."
        ) from error
    try:
        _require_strength(kept)
    except ValueError as error:
        raise SettingsError(
            f"{path} cannot be used: {error}. Delete it, and everybody signs in anew."
        ) from error
    return kept


def _require_strength(secret: str) -> None:
    """Raises ValueError; what it says is not the secret."""
    if len(secret) < _LEAST_SECRET_CHARACTERS or len(set(secret)) < _LEAST_DIFFERENT_CHARACTERS:
        raise ValueError(
            f"too weak: take at least {_LEAST_SECRET_CHARACTERS} random characters, such as "
            "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` prints"
        )


def read_environment() -> Environment:
    """Raises SettingsError naming every setting that cannot be used."""
    try:
        return Environment()
    except ValidationError as error:
        lines = [f"  {_variable_of(item['loc'])}{item['msg']}" for item in error.errors()]
        raise SettingsError("These settings cannot be used:\n" + "\n".join(lines)) from error


def _variable_of(location: tuple[int | str, ...]) -> str:
    """The variable's name and a colon; nothing for an error that concerns several."""
    if not location:
        return ""
    name = str(location[0])
    return f"{name if name.isupper() else f'KBCHAT_{name.upper()}'}: "
