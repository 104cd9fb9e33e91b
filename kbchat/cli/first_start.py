"""What stands between an empty database and a first sign-in. Works as the owner role, which sees no document."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from kbchat.access.provisioning import grant_privileges
from kbchat.accounts.people import create_person, ensure_group
from kbchat.accounts.setting_up import new_setup_token, setup_is_open
from kbchat.audit.recording import gathered
from kbchat.cli.sample_manifest import SampleCompany, SamplePerson
from kbchat.core.private_files import write_private
from kbchat.settings.environment import Environment


@dataclass(frozen=True, slots=True)
class Welcome:
    """How somebody gets in after this start; both empty where people exist already."""

    sign_ins: Path | None = None
    setup_link: str = ""


def bring_database_up_to_date() -> bool:
    """Migrate where something is unapplied; returns whether there was. Privileges follow the list every time."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0)
        return True
    grant_privileges()
    return False


def welcome_first_people(environment: Environment, company: SampleCompany | None) -> Welcome:
    """On an empty database: the configured administrator and the sample people, or a setup link if there is neither."""
    if not setup_is_open():
        return Welcome()
    has_administrator = _create_administrator(environment)
    if company is not None:
        return Welcome(sign_ins=_create_sample_people(environment, company))
    if has_administrator:
        return Welcome()
    return Welcome(setup_link=f"{environment.origins[0]}/setup?token={new_setup_token()}")


def sample_company_belongs_here(environment: Environment) -> bool:
    """Invented people with known addresses may sign in on a machine's own demo only."""
    return environment.sample_company and environment.embedded_postgres and environment.is_loopback


def sign_ins_file(environment: Environment) -> Path:
    return environment.data_dir / "demo-sign-ins.txt"


def loaded_mark(environment: Environment) -> Path:
    """There once the sample company's documents were sent in: what is deleted later stays deleted."""
    return environment.data_dir / "sample-company-loaded"


def _create_administrator(environment: Environment) -> bool:
    if environment.admin_email is None or environment.admin_password is None:
        return False
    create_person(
        email=environment.admin_email,
        name=environment.admin_email.partition("@")[0],
        password=environment.admin_password.get_secret_value(),
        is_administrator=True,
    )
    return True


def _create_sample_people(environment: Environment, company: SampleCompany) -> Path:
    """The file is written before the people exist: nobody is left without a known password."""
    passwords = {person.email: _password(environment) for person in company.people}
    file = sign_ins_file(environment)
    write_private(file, _sign_ins(environment, company, passwords))
    with gathered():
        for person in company.people:
            _create_sample_person(person, passwords[person.email])
    return file


def _create_sample_person(person: SamplePerson, password: str) -> None:
    made = create_person(
        email=person.email,
        name=person.name,
        password=password,
        language=person.language,
        is_administrator=person.is_administrator,
    )
    for group in person.groups:
        ensure_group(group, [made])


def _password(environment: Environment) -> str:
    if environment.demo_password is not None:
        return environment.demo_password.get_secret_value()
    return secrets.token_urlsafe(12)


def _sign_ins(environment: Environment, company: SampleCompany, passwords: dict[str, str]) -> str:
    lines = [
        f"{company.name}: invented people of the sample company. Sign in at {environment.origins[0]}",
        "",
    ]
    for person in company.people:
        groups = ", ".join(person.groups) or "no group"
        role = f"{groups}, administrator" if person.is_administrator else groups
        lines.append(f"{person.email}  {passwords[person.email]}  {person.name}: {person.job} ({role})")
    return "\n".join(lines) + "\n"
