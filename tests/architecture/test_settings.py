"""deploy/env.example names every setting, and no other."""

import json
import re
import runpy
from pathlib import Path

import pytest

from kbchat.settings.environment import PROJECT_ROOT, Environment, SettingsError, read_environment

# Set by kbchat itself for its children; nobody else should.
_INTERNAL = {"KBCHAT_PROCESS", "KBCHAT_EMBEDDED_POSTGRES"}
# Read outside the program: by make install and by the tests.
_OF_TOOLS = {"KBCHAT_TORCH_REQUIREMENT", "KBCHAT_SHARED_DATA"}
_LINE = re.compile(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)


def settings_of_the_program() -> set[str]:
    names = set()
    for name, setting in Environment.model_fields.items():
        alias = setting.validation_alias
        names.add(str(alias.choices[0]) if alias is not None else f"KBCHAT_{name.upper()}")  # type: ignore[union-attr]
    return names - _INTERNAL


def test_the_example_and_the_program_know_the_same_settings() -> None:
    example = [name for name, _ in _LINE.findall((PROJECT_ROOT / "deploy" / "env.example").read_text())]
    assert sorted(example) == sorted(settings_of_the_program() | _OF_TOOLS)


def test_the_values_of_the_example_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _LINE.findall((PROJECT_ROOT / "deploy" / "env.example").read_text()):
        if name not in _OF_TOOLS:
            monkeypatch.setenv(name, value)
    for name in ("KBCHAT_ADMIN_PASSWORD", "KBCHAT_OIDC_CLIENT_SECRET"):
        monkeypatch.setenv(name, "secret")
    environment = read_environment()
    assert environment.public_origins == ["https://kb.example.com"]
    assert environment.llm_model == "kbchat"


def test_the_defaults_of_the_example_are_those_of_the_program() -> None:
    example = dict(_LINE.findall((PROJECT_ROOT / "deploy" / "env.example").read_text()))
    for name, setting in Environment.model_fields.items():
        if isinstance(setting.default, int | float) and f"KBCHAT_{name.upper()}" in example:
            written = example[f"KBCHAT_{name.upper()}"]
            assert written == str(setting.default).lower(), name


def test_all_errors_come_at_once_by_the_names_of_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_PORT", "many")
    monkeypatch.setenv("KBCHAT_PARSE_SECONDS", "-1")
    with pytest.raises(SettingsError) as caught:
        read_environment()
    assert "KBCHAT_PORT: " in str(caught.value)
    assert "KBCHAT_PARSE_SECONDS: " in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"HOST": "smtp.example.com"}, "KBCHAT_SMTP_FROM together"),
        (
            {"HOST": "smtp.example.com", "FROM": "kb@example.com", "USERNAME": "kb"},
            "KBCHAT_SMTP_PASSWORD together",
        ),
        ({"USERNAME": "kb", "PASSWORD": "p", "SECURITY": "none"}, "in the clear"),
    ],
)
def test_mail_is_set_whole_and_safe(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"KBCHAT_SMTP_{name}", value)
    with pytest.raises(SettingsError, match=words):
        read_environment()


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("", []),
        (" , ", []),
        ("http://a:1/v1", ["http://a:1/v1"]),
        ("http://a:1/v1, https://b/v1  http://c/v1,", ["http://a:1/v1", "https://b/v1", "http://c/v1"]),
    ],
)
def test_model_servers_are_listed_by_commas_or_blanks(
    monkeypatch: pytest.MonkeyPatch, written: str, addresses: list[str]
) -> None:
    monkeypatch.setenv("KBCHAT_LLM_BASE_URL", written)
    environment = read_environment()
    assert environment.llm_base_urls == addresses
    assert bool(environment.llm_base_url) == bool(addresses)


@pytest.mark.parametrize(
    "written",
    [
        "a:8001/v1",
        "http://a/v1;http://b/v1",
        "http:///v1",
        "ftp://a/v1",
        "http://a/v1?x=1",
        "http://a, http://a",
    ],
)
def test_half_an_address_of_a_model_server_is_an_error(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("KBCHAT_LLM_BASE_URL", written)
    with pytest.raises(SettingsError, match="KBCHAT_LLM_BASE_URL"):
        read_environment()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ftp://a/v1#b", "ftp://a/v1#b"),
        ("http://#b", "http://#b"),
        ("http://kb:hidden@a/v1?x=1#b", "http://•••@a/v1"),
        (" ", "an empty name"),
    ],
)
def test_another_encoder_is_named_so_that_it_can_be_opened(
    monkeypatch: pytest.MonkeyPatch, written: str, name: str
) -> None:
    good = ["/srv/models/e5", "intfloat/e5-base", "http://127.0.0.1:8003/v1", "https://kb:hidden@a/v1#b"]
    monkeypatch.setenv("KBCHAT_OTHER_EMBEDDING_MODELS", json.dumps(good))
    assert read_environment().other_embedding_models == good
    monkeypatch.setenv("KBCHAT_OTHER_EMBEDDING_MODELS", json.dumps([*good, written]))
    with pytest.raises(SettingsError) as caught:
        read_environment()
    assert f"KBCHAT_OTHER_EMBEDDING_MODELS: Value error, {name}" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_half_an_administrator_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_ADMIN_EMAIL", "a@example.com")
    with pytest.raises(SettingsError, match="KBCHAT_ADMIN_PASSWORD together"):
        read_environment()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"CLIENT_SECRET": ""}, "KBCHAT_OIDC_CLIENT_SECRET together"),
        ({"ISSUER": "http://login.example.com"}, "must begin with https://"),
        ({"SCOPES": "profile email"}, "must name openid"),
    ],
)
def test_half_a_single_sign_on_is_an_error(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str
) -> None:
    whole = {"ISSUER": "https://login.example.com", "CLIENT_ID": "kbchat", "CLIENT_SECRET": "secret"}
    for name, value in (whole | changed).items():
        monkeypatch.setenv(f"KBCHAT_OIDC_{name}", value)
    with pytest.raises(SettingsError, match=said):
        read_environment()


def test_two_identity_providers_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"KBCHAT_OIDC_{name}", "https://login.example.com")
    monkeypatch.setenv("KBCHAT_SAML_METADATA_FILE", "metadata.xml")
    with pytest.raises(SettingsError, match="not both"):
        read_environment()


@pytest.mark.parametrize(
    ("host", "origins", "is_open"),
    [
        ("127.0.0.1", ["http://127.0.0.1:8000", "http://localhost:8000"], False),
        ("::1", ["http://[::1]:8000", "http://127.0.0.1:8000", "http://localhost:8000"], False),
        ("192.0.2.7", ["http://192.0.2.7:8000"], True),
    ],
)
def test_the_origins_follow_from_the_host(
    monkeypatch: pytest.MonkeyPatch, host: str, origins: list[str], *, is_open: bool
) -> None:
    monkeypatch.setenv("KBCHAT_HOST", host)
    environment = read_environment()
    assert environment.origins == origins
    assert environment.lacks_tls is is_open


def test_hosts_are_named_as_requests_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_PUBLIC_ORIGINS", '["https://kb.example.com", "https://[2001:db8::7]:8000"]')
    assert read_environment().host_names == ["[2001:db8::7]", "kb.example.com"]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*",
        "https://*.example.com",
        "kb.example.com",
        "https://kb.example.com/chat",
        "https://a@b.example",
    ],
)
def test_an_origin_that_is_a_pattern_or_not_whole_is_refused(
    monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    """D12."""
    monkeypatch.setenv("KBCHAT_PUBLIC_ORIGINS", f'["https://kb.example.com", "{origin}"]')
    with pytest.raises(SettingsError, match=r"KBCHAT_PUBLIC_ORIGINS: .*no complete origin"):
        read_environment()


@pytest.mark.parametrize("secret", ["changeme", "a" * 64, "abc" * 20])
@pytest.mark.parametrize("name", ["KBCHAT_SECRET_KEY", "KBCHAT_METRICS_TOKEN"])
def test_a_weak_secret_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, secret: str
) -> None:
    """D12."""
    monkeypatch.setenv(name, secret)
    with pytest.raises(SettingsError, match=rf"{name}: .*too weak") as caught:
        read_environment()
    assert secret not in str(caught.value)


def test_a_kept_key_is_strong_or_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KBCHAT_SECRET_KEY")
    monkeypatch.setenv("KBCHAT_DATA_DIR", str(tmp_path))
    environment = read_environment()
    assert environment.secret_key_value() == environment.secret_key_value()
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(SettingsError, match="cannot be used"):
        environment.secret_key_value()


def test_people_on_other_machines_come_by_tls_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """T29."""
    monkeypatch.setenv("KBCHAT_PUBLIC_ORIGINS", '["https://kb.example.com", "http://kb.example.com"]')
    with pytest.raises(SettingsError, match=r"http://kb\.example\.com must begin with https://"):
        read_environment()


@pytest.mark.parametrize(
    ("given", "prefix"),
    [
        ({}, ""),
        ({"KBCHAT_PUBLIC_ORIGINS": '["https://kb.example.com"]'}, "__Host-"),
        ({"KBCHAT_HOST": "192.0.2.7"}, "__Host-"),
    ],
    ids=("loopback", "TLS", "another machine"),
)
def test_cookies_are_guarded_wherever_they_leave_this_machine(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], prefix: str
) -> None:
    """T29: `__Host-` needs Secure, the path / and no domain."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    made = runpy.run_path(str(PROJECT_ROOT / "kbchat" / "settings" / "base.py"))
    for cookie in ("SESSION", "CSRF"):
        assert made[f"{cookie}_COOKIE_NAME"] == f"{prefix}kbchat_{cookie.lower()}"
        assert made[f"{cookie}_COOKIE_SECURE"] is bool(prefix)
        assert made[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
        assert f"{cookie}_COOKIE_DOMAIN" not in made
        assert f"{cookie}_COOKIE_PATH" not in made
    assert made["SESSION_COOKIE_HTTPONLY"] is True
