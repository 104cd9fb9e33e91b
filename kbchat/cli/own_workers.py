"""Workers for the time of one command, where none lives."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kbchat.cli.processes import log_folder, working_processes
from kbchat.core.jobs import workers_live
from kbchat.embedded.errors import EmbeddedError
from kbchat.embedded.lifeline import Child, Lifeline
from kbchat.embedded.supervisor import ProcessSpec, environment_of
from kbchat.settings.environment import Environment


@dataclass(frozen=True, slots=True)
class OwnWorkers:
    log: Path
    _children: dict[str, Child]

    def require_alive(self) -> None:
        """Raises EmbeddedError where one of them has ended."""
        for name, child in self._children.items():
            if child.exit_code is not None:
                raise EmbeddedError(
                    f"The worker {name} ended with exit code {child.exit_code}.", next_step=f"See {self.log}."
                )


@contextmanager
def workers_for_a_while(environment: Environment) -> Iterator[OwnWorkers | None]:
    """None where workers live already. They end with the block, and with this process however it ends."""
    if workers_live():
        yield None
        return
    log = log_folder(environment) / "workers-of-commands.log"
    with Lifeline() as lifeline, log.open("ab") as output:
        specs = working_processes(environment)
        children: dict[str, Child] = {}
        try:
            for spec in specs:
                children[spec.name] = lifeline.start(
                    spec.argv, env=environment_of(spec), cwd=spec.cwd, output=output
                )
            yield OwnWorkers(log, children)
        finally:
            _end(specs, children)


def _end(specs: list[ProcessSpec], children: dict[str, Child]) -> None:
    for child in children.values():
        child.ask_to_stop()
    for spec in specs:
        if spec.name in children:
            children[spec.name].end(spec.stop_grace_seconds)
