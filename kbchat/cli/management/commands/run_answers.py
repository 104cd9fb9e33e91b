"""`manage.py run_answers`: a process that answers questions, until SIGTERM or Ctrl-C. Any number may run."""

import asyncio
import contextlib
import gc
import logging
import signal
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kbchat.chat.answers import AnswersProcess
from kbchat.chat.redis_clients import loop_client
from kbchat.chat.runner import Limits, Tools
from kbchat.composition import (
    encoders,
    entailment,
    environment,
    language_model,
    require_safe_servers,
    shadowed_retriever,
    upkeep_means,
)
from kbchat.core.database_threads import released
from kbchat.core.pulse import ANSWERS, pulse
from kbchat.inference.loading_ahead import load_ahead
from kbchat.upkeep.working import start_working

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Answer questions: claims waiting turns and runs them, many at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lease-seconds",
            type=float,
            default=Limits().lease_seconds,
            help="How long a turn waits for a process that died before it is marked interrupted.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        require_safe_servers()
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(options["lease_seconds"]))
        # The interpreter's last collection would go through all that a model library made, which takes seconds.
        gc.freeze()


async def _serve(lease_seconds: float) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    settings = environment()
    limits = Limits(
        concurrency=settings.answers_concurrency,
        most_running=settings.most_answers_running,
        answer_seconds=settings.answer_seconds,
        answer_tokens=settings.answer_tokens,
        thinking_tokens=settings.llm_thinking_tokens,
        neighbour_tokens=settings.neighbour_tokens,
        lease_seconds=lease_seconds,
        abandoned_seconds=settings.abandoned_seconds,
    )
    async with language_model() as model, loop_client() as redis:
        tools = Tools(
            retriever=shadowed_retriever(),
            encoders=encoders(),
            model=model,
            redis=redis,
            limits=limits,
            entailment=entailment(),
            claim_judge=settings.claim_judge,
        )
        load_ahead(partial(released, tools.encoders.at_start))
        logger.debug("answering")
        upkeep_stops = start_working(upkeep_means())
        try:
            with pulse(ANSWERS):
                await AnswersProcess(tools).serve(stopping)
        finally:
            upkeep_stops.set()
