"""What an operator decides: one installation's settings, from a TOML file and the environment.

``THUPHI_SETTINGS`` names a TOML file; every setting may also be given as ``THUPHI_<NAME>``, which wins. Lists
are written with commas, ``THUPHI_ACCOUNTS`` as JSON. ``docs/operators/settings.md`` explains each.

Every problem is one sentence that names the setting and never shows its value.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from payments.store.secrets import SecretBox

PREFIX = "THUPHI_"
FILE_VARIABLE = "THUPHI_SETTINGS"
CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"

UNKNOWN_DATABASE = "must begin with sqlite:/// or postgresql://"

COMMA_LISTS = ("secret_keys", "trusted_proxies")
JSON_VALUES = ("accounts",)
# What pydantic's kinds of fault mean for the one who wrote the setting.
FAULTS = {
    "missing": "is missing",
    "extra_forbidden": "is not a setting of Thuphi",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "does not have the expected form",
    "dict_type": "must be a table of names and values",
    "model_type": "must be a table of names and values",
    "model_attributes_type": "must be a table of names and values",
    "tuple_type": "must be a list",
}


class UnusableSettings(Exception):
    """The settings cannot be used; ``problems`` says each fault in one sentence."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class AccountSettings(BaseModel):
    """One merchant account at a payment provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Annotated[str, Field(min_length=1)]
    settings: Annotated[dict[str, Any], Field(repr=False)]
    agencies: tuple[str, ...] = ()  # collectors it takes money for; none named: all


class Settings(BaseModel):
    """One installation's settings. Its representation shows no secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: Annotated[str, Field(min_length=1, repr=False)] = "sqlite:///var/thuphi.sqlite3"
    public_url: str = "http://127.0.0.1:8000"
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8000
    trusted_proxies: tuple[str, ...] = ()  # addresses and networks whose word about the caller is believed
    caller_address: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    secret_keys: tuple[SecretStr, ...] = ()
    sealing_key: Path | None = None
    sealing_certificate: Path | None = None
    sealing_key_password: SecretStr | None = None
    earlier_certificates: Path | None = None
    accounts: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")], AccountSettings] = {}
    webhook_private_networks_allowed: bool = False
    catalogue: Path = CATALOGUE
    worker_threads: Annotated[int, Field(ge=1, le=64)] = 2
    render_processes: Annotated[int, Field(ge=1, le=64)] = 1
    provider_calls_at_once: Annotated[int, Field(ge=1, le=1_000)] = 8
    request_lifetime_days: Annotated[int, Field(ge=1, le=3_650)] = 15
    attempt_lifetime_minutes: Annotated[int, Field(ge=1, le=1_440)] = 15
    grace_minutes: Annotated[int, Field(ge=0, le=1_440)] = 5

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError:
            raise ValueError(UNKNOWN_DATABASE) from None
        except ValueError:  # its text would repeat a part of the value, which may be a password
            raise ValueError("must be written postgresql://user:password@host:port/name") from None
        if url.get_backend_name() not in ("sqlite", "postgresql"):
            raise ValueError(UNKNOWN_DATABASE)
        if url.get_backend_name() == "sqlite" and (url.database or ":memory:").startswith((":", "file:")):
            raise ValueError("must name a file, as in sqlite:///path: nothing would be kept in memory")
        return value

    @field_validator("public_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:  # a port that is no number, or half an IPv6 address
            usable = None
        if not usable or parts.query or parts.fragment:
            raise ValueError("must be the http or https address that citizens see, without a query")
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _own_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            networks = [ip_network(each) for each in value]
        except ValueError:
            networks = []
        if len(networks) < len(value) or any(network.prefixlen == 0 for network in networks):
            raise ValueError("must hold addresses or networks of your own, such as 10.0.0.5 or 10.0.0.0/24")
        return value

    @field_validator("secret_keys")
    @classmethod
    def _fernet_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if value:
            try:
                SecretBox([key.get_secret_value() for key in value])
            except ValueError:
                raise ValueError("holds a key that `thuphi new-key` did not make") from None
        return value

    @property
    def request_lifetime(self) -> timedelta:
        return timedelta(days=self.request_lifetime_days)

    @property
    def attempt_lifetime(self) -> timedelta:
        return timedelta(minutes=self.attempt_lifetime_minutes)

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, when that is the database."""
        url = make_url(self.database_url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def load_settings(environment: Mapping[str, str]) -> Settings:
    """The settings from ``environment`` and the file it names.

    Raises UnusableSettings with every problem at once.
    """
    path = environment.get(FILE_VARIABLE)
    variables = _variables(environment)
    given = {name: _parsed(variable, name, environment[variable]) for name, variable in variables.items()}
    return make_settings({**(_read_file(Path(path)) if path else {}), **given}, variables)


def make_settings(values: Mapping[str, Any], variables: Mapping[str, str] | None = None) -> Settings:
    """The settings from plain values; ``variables`` says which came from an environment variable, and which.

    Raises UnusableSettings with every problem at once.
    """
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        problems = tuple(
            f"{_named(fault['loc'], variables or {})} {_fault(fault['type'], fault['msg'], fault.get('ctx', {}))}."
            for fault in error.errors(include_input=False, include_url=False)
        )
    raise UnusableSettings(problems)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableSettings((f"{FILE_VARIABLE}: {path} cannot be read ({error.strerror}).",)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise UnusableSettings((f"{FILE_VARIABLE}: {path} is not a TOML file in UTF-8.",)) from None


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Each setting that the environment gives, with the name of its variable."""
    return {
        variable.removeprefix(PREFIX).lower(): variable
        for variable, text in environment.items()
        if variable.startswith(PREFIX) and variable != FILE_VARIABLE and text
    }


def _parsed(variable: str, name: str, text: str) -> Any:
    if name in COMMA_LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if name in JSON_VALUES:
        try:
            return json.loads(text)
        except ValueError:
            raise UnusableSettings((f"{variable} must be JSON.",)) from None
    return text


def _named(place: tuple[int | str, ...], variables: Mapping[str, str]) -> str:
    """What the operator wrote: the name in the file, or the variable of the environment."""
    name = ".".join(str(part) for part in place if part != "[key]")
    variable = variables.get(str(place[0])) if place else None
    if variable is None:
        return f"The setting {name}"
    return variable if len(place) == 1 else f"In {variable}, {name}"


def _fault(kind: str, message: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(context["error"])
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = "at least" if kind == "greater_than_equal" else "at most"
        return f"must be {bound} {context.get('ge', context.get('le'))}"
    return FAULTS.get(kind, "cannot be used: " + message)
