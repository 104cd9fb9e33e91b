"""What each process of the program is started with: settings that it can read, and no secret that it does not need."""

import pytest

from kbchat.cli.processes import sample_company_process, serving_processes, working_processes
from kbchat.embedded.supervisor import environment_of
from kbchat.settings.environment import read_environment

SECRETS = {
    "KBCHAT_OWNER_DATABASE_URL": "postgresql://owner:one-secret@db/kbchat",
    "KBCHAT_ADMIN_EMAIL": "admin@example.com",
    "KBCHAT_ADMIN_PASSWORD": "another secret of ours",
    "KBCHAT_DEMO_PASSWORD": "a third secret of ours",
}


def test_every_process_reads_its_settings_and_has_no_secret_of_the_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    environment = read_environment()
    specs = [*serving_processes(environment), *working_processes(environment), sample_company_process()]
    for spec in specs:
        given = environment_of(spec)
        assert not set(SECRETS.values()) & set(given.values()), spec.name
        with monkeypatch.context() as process:
            for name, value in given.items():
                process.setenv(name, value)
            assert read_environment().admin_email is None
