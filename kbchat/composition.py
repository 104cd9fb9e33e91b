"""The composition root: builds the adapters that the settings name. The only file that knows their names.

Interfaces (web, cli, workers) take ports from here and pass them down; nothing below imports this file. Importing it
loads no model library; torch comes with the first use of an encoder.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from kbchat.answering.claims.judging import LANGUAGE_MODEL
from kbchat.answering.remembered_verdicts import RememberedVerdicts
from kbchat.inference.ports import Embedder, EntailmentModel, LanguageModel, Reranker
from kbchat.library.archives import ArchiveLimits
from kbchat.parsing.equipment import Equipment, found_equipment
from kbchat.parsing.sandbox import SandboxLimits
from kbchat.retrieval.port import Retriever, TellingRetriever
from kbchat.scanning.port import MalwareScanner
from kbchat.settings.environment import Environment, SettingsError, read_environment
from kbchat.settings.telling import ToldSetting as ToldSetting
from kbchat.settings.telling import told_settings
from kbchat.sources.port import Surroundings

if TYPE_CHECKING:
    from kbchat.indexing.encoders import Encoders, EncoderSource
    from kbchat.retrieval.inverted_index import InvertedIndexes
    from kbchat.upkeep.working import Means

# For what an answer still does after its time is over.
_GRACE_SECONDS = 60.0


@cache
def environment() -> Environment:
    return read_environment()


def settings_in_force() -> list[ToldSetting]:
    return told_settings(environment())


@cache
def encoders() -> "Encoders":
    """One for the process: the models' weights are its largest part."""
    from kbchat.indexing.encoders import Encoders, EncoderSource
    from kbchat.inference.sentence_transformers_embedder import PACKAGED_MODEL

    settings = environment()
    configured = EncoderSource(
        settings.embedding_model or ("" if settings.embedding_base_url else PACKAGED_MODEL),
        settings.embedding_base_url or "",
    )
    others = [EncoderSource.written(each) for each in settings.other_embedding_models]
    return Encoders(configured, _encoder, others)


def _encoder(source: "EncoderSource") -> Embedder:
    if source.base_url:
        from kbchat.inference.served_embedder import ServedEmbedder

        settings = environment()
        # The key is for the server that the settings name, and for no other.
        is_configured = source.base_url == settings.embedding_base_url
        key = settings.embedding_api_key.get_secret_value() if is_configured else ""
        return ServedEmbedder(source.base_url, model=source.model, api_key=key)
    from kbchat.inference.sentence_transformers_embedder import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(source.model)


@cache
def reranker() -> Reranker | None:
    """None where none is configured."""
    settings = environment()
    if settings.reranker_base_url:
        from kbchat.inference.served_reranker import ServedReranker

        return ServedReranker(
            settings.reranker_base_url,
            model=settings.reranker_model,
            api_key=settings.reranker_api_key.get_secret_value(),
        )
    if settings.reranker_model:
        from kbchat.inference.cross_encoder_reranker import CrossEncoderReranker

        return CrossEncoderReranker(settings.reranker_model)
    return None


@cache
def reranker_name() -> str:
    """ "" where there is none."""
    settings = environment()
    return settings.reranker_model or ("served" if settings.reranker_base_url else "")


@cache
def entailment() -> EntailmentModel | None:
    """None where claims are looked at again by the language model, or by nobody."""
    judge = environment().claim_judge
    if judge in {"", LANGUAGE_MODEL}:
        return None
    from kbchat.inference.cross_encoder_entailment import CrossEncoderEntailment

    return CrossEncoderEntailment(judge)


@cache
def retriever() -> TellingRetriever:
    return _retriever(encoders(), reranker())


@cache
def shadowed_retriever() -> Retriever:
    """For people's questions: some are asked of another generation, too, before it is put in force."""
    from kbchat.rebuilding.shadowing import ShadowedRetriever

    return ShadowedRetriever(retriever())


@cache
def retriever_by_words() -> TellingRetriever:
    """For the time in which the encoder is still loaded."""
    return _retriever(None, None)


@cache
def retriever_without_reranker() -> TellingRetriever:
    """For owners who try what the reranker is worth."""
    return _retriever(encoders(), None)


@cache
def suggestion_verdicts() -> RememberedVerdicts:
    return RememberedVerdicts()


def retriever_by(embedder: Embedder) -> Retriever:
    """For whoever measures what another way to read questions is worth."""
    from kbchat.indexing.encoders import only

    return _retriever(only(embedder), reranker())


def upkeep_means() -> "Means":
    """What golden questions are asked with, and what weights are fitted with."""
    from kbchat.evaluation.asking import Searching
    from kbchat.evaluation.fitting import Refitting
    from kbchat.indexing.encoders import only
    from kbchat.upkeep.working import Means

    return Means(
        Searching(retriever(), encoders(), reranker_name()),
        Refitting(encoders(), lambda embedder: _retriever(only(embedder), None)),
    )


@cache
def _indexes() -> "InvertedIndexes":
    """One for the process: whoever asks by words while the encoder is loaded reads for those who come after."""
    from kbchat.retrieval.inverted_index import InvertedIndexes

    return InvertedIndexes()


def _retriever(encoders: "Encoders | None", reranker: Reranker | None) -> TellingRetriever:
    from kbchat.glossary.entries import CurrentGlossary
    from kbchat.retrieval.releasing import ReleasingRetriever
    from kbchat.retrieval.retriever import PostgresRetriever

    return ReleasingRetriever(PostgresRetriever(encoders, CurrentGlossary(), reranker, _indexes()))


@asynccontextmanager
async def language_model() -> AsyncIterator[LanguageModel | None]:
    """One for the running event loop, or None where no model is configured: then answers are quotes."""
    settings = environment()
    addresses = settings.llm_base_urls
    if not addresses:
        yield None
        return
    from kbchat.inference.balanced_language_model import BalancedLanguageModel
    from kbchat.inference.openai_failures import ATTEMPTS
    from kbchat.inference.openai_language_model import OpenAILanguageModel

    models = [
        OpenAILanguageModel(
            address,
            model=settings.llm_model or "",
            api_key=settings.llm_api_key.get_secret_value(),
            first_token_seconds=settings.llm_first_token_seconds,
            between_tokens_seconds=settings.llm_between_tokens_seconds,
            # A judgement reads what an answer reads, before its only token.
            reply_seconds=settings.llm_first_token_seconds,
            # Where there are others, they are asked before a busy one is waited for.
            attempts=ATTEMPTS if len(addresses) == 1 else 1,
        )
        for address in addresses
    ]
    balanced = BalancedLanguageModel(models)
    try:
        yield balanced
    finally:
        await balanced.close()
        for model in models:
            await model.close()


def archive_limits() -> ArchiveLimits:
    settings = environment()
    return ArchiveLimits(
        settings.most_files_in_archive, settings.most_bytes_at_once, settings.upload_max_bytes
    )


@cache
def malware_scanner() -> MalwareScanner | None:
    """None where none is configured."""
    address = environment().clamd_address
    if not address:
        return None
    from kbchat.scanning.clamd import ClamdScanner

    return ClamdScanner(address)


def equipment() -> Equipment:
    settings = environment()
    return found_equipment(languages=settings.ocr_languages, converts=settings.convert_older_office)


def sandbox_limits() -> SandboxLimits:
    settings = environment()
    return SandboxLimits(wall_seconds=settings.parse_seconds, memory_bytes=settings.parse_memory_bytes)


def longest_turn() -> timedelta:
    """For which an answer may read the index that it began with, and somewhat more."""
    return timedelta(seconds=environment().answer_seconds + _GRACE_SECONDS)


def surroundings_of_sources() -> Surroundings:
    settings = environment()
    return Surroundings(
        roots=tuple(settings.source_roots),
        origins=frozenset(settings.source_origins),
        networks=tuple(settings.source_networks),
        most_bytes=settings.upload_max_bytes,
        most_items=settings.most_source_items,
        reads_pictures=equipment().recogniser is not None,
    )


def require_safe_servers() -> None:
    """At the start of web and answers. Raises SettingsError where row-level security would not bind the process, or
    Redis would drop what waits in it."""
    from kbchat.access.self_check import problems
    from kbchat.chat.redis_clients import EvictingRedis, require_keeping

    try:
        require_keeping()
    except EvictingRedis as error:
        raise SettingsError(str(error)) from error
    refused = _told(problems())
    if refused:
        raise SettingsError(refused)


def refused_worker_database() -> str:
    """At the start of workers and beat: why not to start, where their role may do more than theirs should; else ""."""
    from kbchat.access.self_check import worker_problems

    return _told(worker_problems())


def _told(found: list[str]) -> str:
    return (
        "\n".join(["The database would not guard the documents:", *(f"  {each}" for each in found)])
        if found
        else ""
    )
