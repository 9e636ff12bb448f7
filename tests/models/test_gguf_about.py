"""What a GGUF file says of itself, and what is no whole language model, without any native code."""

from __future__ import annotations

from pathlib import Path

import pytest

from ragkit.errors import CheckFailed, RagkitError, UsageFault
from ragkit.llm.gguf_metadata import read_about, require_generator
from tests.models.gguf_files import LANGUAGE_MODEL, Q8_0, TENSORS, gguf, without


def file(folder: Path, content: bytes) -> Path:
    path = folder / "tiny.gguf"
    path.write_bytes(content)
    return path


def test_what_a_file_says_is_read(tmp_path: Path) -> None:
    content = gguf()
    about = read_about(file(tmp_path, content))
    require_generator(about)
    assert (about.name, about.architecture, about.licence) == ("Tiny Model", "llama", "apache-2.0")
    assert (about.context, about.quantization, about.has_template) == (2048, "Q8_0", True)
    assert (about.layers, about.kv_heads, about.head_size) == (4, 2, 32)
    assert about.cache_per_token == 2 * 4 * 2 * 32
    assert about.parameters == 256 * 512 + 256 * 64
    assert about.vocabulary == 3
    assert about.end <= about.size == len(content)


def test_heads_may_differ_between_layers_and_have_a_size_of_their_own(tmp_path: Path) -> None:
    settings = {
        **LANGUAGE_MODEL,
        "llama.attention.head_count_kv": [0, 2, 4, 2],
        "llama.attention.key_length": 128,
    }
    about = read_about(file(tmp_path, gguf(settings)))
    assert (about.kv_heads, about.head_size) == (4, 128)


def test_where_the_type_is_not_said_most_of_the_numbers_tell_it(tmp_path: Path) -> None:
    tensors = (("a", (256, 512), Q8_0), TENSORS[1])
    about = read_about(file(tmp_path, gguf(without("general.file_type"), tensors)))
    assert about.quantization == "Q8_0"


def test_a_file_whose_end_is_missing_says_how_much_there_is(tmp_path: Path) -> None:
    whole = gguf()
    about = read_about(file(tmp_path, whole[:-5000]))
    with pytest.raises(
        CheckFailed, match=r"tiny\.gguf is not whole: [\d,]+ of [\d,]+ bytes are there"
    ):
        require_generator(about)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04" + bytes(100), "is not a GGUF file"),
        (gguf(version=1), "old form of GGUF"),
        (gguf({**LANGUAGE_MODEL, "general.architecture": "bert"}), "an embedding model"),
        (gguf({**LANGUAGE_MODEL, "general.architecture": "clip"}), "reads pictures"),
        (gguf({**LANGUAGE_MODEL, "general.type": "adapter"}), "kind 'adapter'"),
        (gguf(without("tokenizer.ggml.model")), "without a vocabulary"),
        (gguf({**LANGUAGE_MODEL, "split.no": 1, "split.count": 3}), "part 2 of 3"),
        (gguf()[:200], "not a whole GGUF model file"),
    ],
)
def test_what_is_no_language_model_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises((UsageFault, CheckFailed), match=message) as caught:
        require_generator(read_about(file(tmp_path, content)))
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RagkitError, match="There is no file"):
        read_about(tmp_path / "absent.gguf")
