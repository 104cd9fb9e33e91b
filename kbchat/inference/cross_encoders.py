"""Cross-encoders of sentence-transformers: models that read two texts together.

torch is imported by loading one, never by importing this module.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from kbchat.inference.ports import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BATCH: Final = 16


def loaded_cross_encoder(name: str, *, revision: str | None, device: str) -> "CrossEncoder":
    """`name`: a folder, or a hub name (then `revision` pins it). Its outputs come as they are.

    Raises ModelUnavailable: UNSUPPORTED without the library, UNREACHABLE where the model is not there."""
    folder = Path(name).expanduser()
    try:
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        model: CrossEncoder = CrossEncoder(
            str(folder) if folder.is_dir() else name,
            device=device,
            revision=revision,
            local_files_only=folder.is_dir(),
            activation_fn=Identity(),
        )
    except ImportError:
        raise ModelUnavailable(ModelUnavailable.Reason.UNSUPPORTED) from None
    except (OSError, ValueError) as error:
        raise ModelUnavailable(ModelUnavailable.Reason.UNREACHABLE) from error
    return model
