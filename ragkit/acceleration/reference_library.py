"""sentence-transformers, the reference. The only file that knows it, and transformers.

Importing them takes 7 seconds and 450 MB, so they serve preparation, tests and models that OpenVINO
cannot convert.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ragkit.errors import ModelMissing


def load_embedder(folder: Path) -> Any:
    """A SentenceTransformer of that folder. Raises ModelMissing if the library cannot load it."""
    from sentence_transformers import SentenceTransformer

    return _loaded(folder, lambda: SentenceTransformer(str(folder.absolute()), **_closed()))


def load_cross_encoder(folder: Path) -> Any:
    """A CrossEncoder of that folder, giving raw scores. Raises ModelMissing."""
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    # Handed over, since the library else imports the class that the folder's settings name.
    return _loaded(
        folder,
        lambda: CrossEncoder(str(folder.absolute()), activation_fn=Identity(), **_closed()),
    )


@contextmanager
def quiet() -> Iterator[None]:
    """The libraries warn about each other's future; a reader of a report can do nothing about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _closed() -> dict[str, Any]:
    """Nothing from a network, no code of the folder's, no pickle."""
    return {
        "device": "cpu",
        "local_files_only": True,
        "trust_remote_code": False,
        "model_kwargs": {"use_safetensors": True},  # the other format is a program
    }


def _loaded(folder: Path, load: Callable[[], Any]) -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"  # a hub name would be looked up, also "local_files_only"
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        with quiet():
            return load().eval()
    except (OSError, ValueError, KeyError, ImportError) as error:
        problem = f"{folder} cannot be loaded by sentence-transformers"
        raise ModelMissing(problem, hint="ragkit models verify") from error
