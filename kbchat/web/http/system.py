"""How the program is, and what it is set to, for administrators."""

import asyncio

from asgiref.sync import async_to_sync
from ninja import Router

from kbchat.accounts.managing import administrator
from kbchat.composition import (
    ToldSetting,
    encoders,
    environment,
    equipment,
    language_model,
    malware_scanner,
    settings_in_force,
)
from kbchat.inference.ports import Capabilities, LanguageModel, ModelUnavailable
from kbchat.operating import health
from kbchat.web import system_shapes
from kbchat.web.http.credentials import ViewerRequest
from kbchat.web.warming import is_warming_up

router = Router()

_MODEL_SECONDS = 5.0


@router.get("/system/health", response=list[system_shapes.Check])
def read_health(request: ViewerRequest) -> list[health.Check]:
    """Every part with its state. What a part says of itself is asked for now, so this may take some seconds."""
    settings = environment()
    found = health.checks(
        request.auth,
        health.Surroundings(
            data_dir=settings.data_dir,
            sends_mail=settings.smtp_host is not None,
            lacks_tls=settings.lacks_tls,
            is_warming_up=is_warming_up(),
            encoders=encoders(),
            scanner=malware_scanner(),
            ocr_languages=settings.ocr_languages,
            equipment=equipment(),
        ),
    )
    return [*found, async_to_sync(_model_check)()]


@router.get("/system/settings", response=list[system_shapes.Setting])
def read_settings(request: ViewerRequest) -> list[ToldSetting]:
    """What is in force in this process, and where it comes from; no secret."""
    administrator(request.auth)
    return settings_in_force()


async def _model_check() -> health.Check:
    async with language_model() as model:
        return await health.model_check(_asked(model) if model else None)


async def _asked(model: LanguageModel) -> Capabilities:
    try:
        async with asyncio.timeout(_MODEL_SECONDS):
            return await model.capabilities()
    except TimeoutError as error:
        raise ModelUnavailable(ModelUnavailable.Reason.TIMED_OUT) from error
