"""What a worker process does around its tasks: its role looked at, the first generation where it embeds, and logs as
everywhere.
"""

import logging
import sys

from celery.signals import beat_init, celeryd_init, setup_logging, worker_ready
from celery.worker.consumer import Consumer
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.log import configure_logging

from kbchat import composition
from kbchat.core.jobs import Queue
from kbchat.core.pulse import start_pulse
from kbchat.inference.ports import ModelUnavailable
from kbchat.library.preparing_index import ensure_index
from kbchat.library.sources import credentials

logger = logging.getLogger(__name__)


@setup_logging.connect
def log_as_everywhere(**_: object) -> None:
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@beat_init.connect
def refuse_a_role_above_the_policies(**_: object) -> None:
    """Ends the process: Celery would go on after an error here."""
    try:
        refused = composition.refused_worker_database()
    except DatabaseError as error:
        refused = str(error)
    finally:
        # A worker forks, and no connection may be shared with its children.
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
    if refused:
        sys.stderr.write(f"kbchat: {refused}\n")
        raise SystemExit(1)


def _seal_secrets_anew() -> None:
    """Whoever changes the site's key starts all processes again."""
    try:
        credentials.seal_secrets_anew()
    except DatabaseError:
        logger.warning("secrets of sources not sealed anew", exc_info=True)
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


@worker_ready.connect
def say_what_is_served(sender: Consumer, **_: object) -> None:
    start_pulse(*sender.app.amqp.queues.consume_from)


@celeryd_init.connect
def prepare_index(options: dict[str, object], **_: object) -> None:
    """Before its first task the worker that embeds loads the model, and makes the very first generation for it."""
    refuse_a_role_above_the_policies()
    if Queue.SOURCES.value in str(options.get("queues") or ""):
        _seal_secrets_anew()
    if Queue.EMBED.value not in str(options.get("queues") or ""):
        return
    try:
        encoders = composition.encoders()
        ensure_index(encoders)
        encoders.at_start()
    except (DatabaseError, ModelUnavailable):
        # Every job tries again, and says in its run what is wrong.
        logger.warning("index not prepared", exc_info=True)
