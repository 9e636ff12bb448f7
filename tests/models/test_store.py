"""The models folder: presence, digests, the user's own models. No network anywhere."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ragkit import places
from ragkit.errors import (
    Busy,
    CheckFailed,
    ModelMissing,
    RagkitError,
    StorageFault,
    UnknownPipeline,
    UsageFault,
)
from ragkit.models import ModelStore, Registry, default_models_folder
from ragkit.models.digests import MEMORY_FOLDER, memory_of
from ragkit.models.files import only_one, stamp_of, storage_faults
from tests.models.samples import (
    CONFIG,
    EMBEDDER,
    EMBEDDER_FILES,
    GENERATOR,
    GGUF,
    REGISTRY,
    WEIGHTS,
    install,
)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    install(EMBEDDER, tmp_path, EMBEDDER_FILES)
    return ModelStore(tmp_path, REGISTRY)


def _flip_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _read_only(*_: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


class _Hashed:
    """A progress that remembers which files were hashed."""

    def __init__(self) -> None:
        self.names: set[tuple[str, int]] = set()

    def __call__(self, what: str, done: int, total: int) -> None:
        self.names.add((what, total))


def test_a_missing_model_is_exit_4_with_the_exact_command(tmp_path: Path) -> None:
    for ask in ("path", "trusted_path", "digest", "verify", "resolve"):
        with pytest.raises(ModelMissing) as caught:
            getattr(ModelStore(tmp_path, REGISTRY), ask)("tiny-generator")
        assert caught.value.exit_code == 4
        assert caught.value.hint == "ragkit models pull Tiny-Generator"


def test_nothing_is_made_in_the_folder_by_asking(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "absent", REGISTRY)
    assert [state.installed for state in store.list()] == [False, False]
    with pytest.raises(ModelMissing):
        store.resolve("Tiny-Embedder")
    assert not (tmp_path / "absent").exists()


def test_copied_files_are_a_model(store: ModelStore, tmp_path: Path) -> None:
    assert store.path("Tiny-Embedder") == tmp_path / "Tiny-Embedder"
    assert store.digest("Tiny-Embedder") == EMBEDDER.weights.sha256
    found = store.resolve("Tiny-Embedder", role="embedder")
    assert (found.name, found.spec, found.digest) == (
        EMBEDDER.name,
        EMBEDDER,
        EMBEDDER.files[0].sha256,
    )


def test_a_generators_path_is_its_gguf_file(tmp_path: Path) -> None:
    install(GENERATOR, tmp_path, {"tiny.gguf": GGUF, "notes.json": CONFIG})
    assert ModelStore(tmp_path, REGISTRY).path("Tiny-Generator").name == "tiny.gguf"


@pytest.mark.parametrize("path", EMBEDDER_FILES)
def test_one_flipped_bit_is_refused_by_name(store: ModelStore, path: str) -> None:
    store.trusted_path("Tiny-Embedder")
    _flip_one_bit(store.path("Tiny-Embedder") / path)
    for check in (store.trusted_path, store.verify, store.resolve):
        with pytest.raises(CheckFailed) as caught:
            check("Tiny-Embedder")
        assert path in caught.value.message
        assert caught.value.hint == "ragkit models pull Tiny-Embedder"
        assert caught.value.exit_code == 9


def test_setting_the_time_back_does_not_hide_a_change(store: ModelStore) -> None:
    weights = store.trusted_path("Tiny-Embedder") / "model.safetensors"
    before = weights.stat()
    _flip_one_bit(weights)
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(CheckFailed, match=r"model\.safetensors"):
        store.trusted_path("Tiny-Embedder")


def test_a_wrong_size_is_refused_without_hashing(store: ModelStore) -> None:
    config = store.path("Tiny-Embedder") / "config.json"
    config.write_bytes(CONFIG + b" ")
    with pytest.raises(CheckFailed, match=r"config\.json .* 20 bytes instead of 19"):
        store.path("Tiny-Embedder")


def test_an_unchanged_model_is_hashed_once(store: ModelStore) -> None:
    first, second, asked_for = _Hashed(), _Hashed(), _Hashed()
    store.trusted_path("Tiny-Embedder", first)
    store.trusted_path("Tiny-Embedder", second)
    store.verify("Tiny-Embedder", asked_for)
    assert len(first.names) == len(EMBEDDER_FILES)
    assert not second.names
    assert asked_for.names == first.names


def test_decay_found_by_verify_is_not_forgotten(store: ModelStore) -> None:
    """A byte that changes on the disk leaves no trace in the times: only verify can find it."""
    weights = store.trusted_path("Tiny-Embedder") / "model.safetensors"
    memory = memory_of(store.root, "Tiny-Embedder")
    before = weights.stat()
    _flip_one_bit(weights)
    after = weights.stat()
    told = memory.read_text()
    for old, new in zip(
        (before.st_mtime_ns, before.st_ctime_ns),
        (after.st_mtime_ns, after.st_ctime_ns),
        strict=True,
    ):
        told = told.replace(str(old), str(new))
    memory.write_text(told)
    store.trusted_path("Tiny-Embedder")  # this is what it cannot see on the same day
    with pytest.raises(CheckFailed):
        store.verify("Tiny-Embedder")
    with pytest.raises(CheckFailed):
        store.trusted_path("Tiny-Embedder")


def test_a_changed_manifest_does_not_make_a_changed_file_right(store: ModelStore) -> None:
    folder = store.path("Tiny-Embedder")
    _flip_one_bit(folder / "model.safetensors")
    (folder / "model.json").write_text('{"files": [{"path": "model.safetensors", "sha256": "00"}]}')
    with pytest.raises(CheckFailed):
        store.verify("Tiny-Embedder")


def test_a_folder_that_cannot_be_written_is_still_checked(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ragkit.models.digests.write_json", _read_only)
    seen = _Hashed()
    store.trusted_path("Tiny-Embedder")
    store.trusted_path("Tiny-Embedder", seen)
    assert seen.names, "nothing could be remembered, so it is hashed again"


def test_list_tells_what_is_here(store: ModelStore) -> None:
    embedder, generator = store.list()
    assert (embedder.installed, embedder.bytes_on_disk) == (True, EMBEDDER.size)
    assert (generator.installed, generator.bytes_on_disk) == (False, 0)
    assert embedder.verified is None
    store.verify("Tiny-Embedder")
    assert store.list()[0].verified is not None


def test_remove(store: ModelStore, tmp_path: Path) -> None:
    assert store.remove("Tiny-Embedder") == EMBEDDER.size
    assert not (tmp_path / "Tiny-Embedder").exists()
    with pytest.raises(ModelMissing):
        store.path("Tiny-Embedder")
    with pytest.raises(ModelMissing):
        store.remove("Tiny-Embedder")


def test_a_name_is_not_a_way_out_of_the_folder(store: ModelStore) -> None:
    with pytest.raises(UnknownPipeline):
        store.remove("..")


def test_a_lock_is_gone_afterwards_and_keeps_others_out_meanwhile(tmp_path: Path) -> None:
    """Also one whose file its last holder deleted after it was opened here."""
    lock = tmp_path / "x.lock"
    with only_one(lock, "x"):
        assert lock.exists()
        with pytest.raises(Busy), only_one(lock, "x"):
            pass
        assert lock.exists()
    assert not lock.exists()
    with only_one(lock, "x"), pytest.raises(Busy), only_one(lock, "x"):
        pass


def test_the_role_is_checked(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="cannot be the generator"):
        store.resolve("Tiny-Embedder", role="generator")
    own = tmp_path / "own.gguf"
    own.write_bytes(GGUF)
    with pytest.raises(UsageFault, match="cannot be the embedder"):
        store.resolve(str(own), role="embedder")


def test_decay_is_found_within_a_day(store: ModelStore) -> None:
    """The same, without anybody asking for it: a remembered digest counts for a day."""
    weights = store.trusted_path("Tiny-Embedder") / "model.safetensors"
    memory = memory_of(store.root, "Tiny-Embedder")
    _flip_one_bit(weights)
    told = json.loads(memory.read_text())
    yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    told["files"]["model.safetensors"] |= {"stamp": list(stamp_of(weights)), "when": yesterday}
    memory.write_text(json.dumps(told))
    with pytest.raises(CheckFailed, match=r"model\.safetensors"):
        store.trusted_path("Tiny-Embedder")


def test_digests_are_remembered_where_sealed_commands_may_write(store: ModelStore) -> None:
    store.trusted_path("Tiny-Embedder")
    memory = memory_of(store.root, "Tiny-Embedder")
    assert memory.stat().st_mode & 0o777 == 0o600
    assert MEMORY_FOLDER == places.PREPARED_FOLDER
    assert memory.is_relative_to(store.root / places.PREPARED_FOLDER)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "modeling.py", "added_tokens.json", "x/y"])
def test_what_does_not_belong_to_a_model_is_refused_by_name(store: ModelStore, name: str) -> None:
    extra = store.path("Tiny-Embedder") / name
    extra.parent.mkdir(exist_ok=True)
    extra.write_bytes(b"{}")
    for check in (store.trusted_path, store.verify, store.resolve):
        with pytest.raises(CheckFailed) as caught:
            check("Tiny-Embedder")
        assert name in caught.value.message
        assert "ragkit models pull Tiny-Embedder" in caught.value.hint


def test_a_users_own_gguf_is_hashed_once_and_stays_as_it_was(
    store: ModelStore, tmp_path: Path
) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(GGUF)
    first, second = _Hashed(), _Hashed()
    found = store.resolve(str(own), role="generator", progress=first)
    assert found.digest == GENERATOR.weights.sha256
    assert (found.name, found.path, found.spec, found.reader) == ("own", own, None, False)
    store.resolve(str(own), progress=second)
    assert first.names
    assert not second.names
    _flip_one_bit(own)
    for _ in range(2):  # a second attempt does not make it right
        with pytest.raises(CheckFailed, match=r"own\.gguf is not what it was") as caught:
            store.resolve(str(own), role="generator")
    assert caught.value.hint.endswith(f"ragkit models accept {own}")
    accepted = store.accept(str(own))
    assert accepted == store.resolve(str(own)).digest != found.digest
    assert store.own() == (own,)
    store.verify(str(own))


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    return install(replace(EMBEDDER, name="mine"), tmp_path / "elsewhere", EMBEDDER_FILES)


@pytest.mark.parametrize("path", EMBEDDER_FILES)
def test_one_flipped_bit_in_a_users_own_folder_is_refused_by_name(
    store: ModelStore, own_folder: Path, path: str
) -> None:
    found = store.resolve(str(own_folder), role="embedder")
    assert (found.name, found.path) == ("mine", own_folder)
    assert store.resolve(str(own_folder)).digest == found.digest
    content = bytearray((own_folder / path).read_bytes())
    content[1 if content == b"{}" else len(content) // 2] ^= 1
    if not path.endswith(".safetensors"):
        content = bytearray(b'{"hidden_size": 9}' if path == "config.json" else b"[]")
    (own_folder / path).write_bytes(content)
    with pytest.raises(CheckFailed) as caught:
        store.resolve(str(own_folder))
    assert path in caught.value.message
    assert store.accept(str(own_folder)) != found.digest, "every file counts in the digest"


def test_a_file_that_comes_or_goes_changes_a_users_own_folder(
    store: ModelStore, own_folder: Path
) -> None:
    store.resolve(str(own_folder))
    (own_folder / "tokenizer.json").write_text("{}")
    with pytest.raises(CheckFailed, match=r"tokenizer\.json .* was not there"):
        store.resolve(str(own_folder))
    (own_folder / "tokenizer.json").unlink()
    store.resolve(str(own_folder))
    (own_folder / "1_Pooling" / "config.json").unlink()
    with pytest.raises(CheckFailed, match="it is gone"):
        store.resolve(str(own_folder))
    assert store.own() == (own_folder,)


CODE = {
    "pytorch_model.bin": b"x",
    "2_Dense/pytorch_model.bin": b"x",
    "weights.pt": b"x",
    "data.pkl": b"x",
    "modeling_own.py": b"import os",
    "config.json": b'{"hidden_size": 8, "auto_map": {"AutoModel": "modeling_own.Own"}}',
    "tokenizer_config.json": b'{"auto_map": {"AutoTokenizer": ["x.Y", null]}}',
    "sentence_bert_config.json": b'{"model_args": {"trust_remote_code": true}}',
    "odd.json": b"{",
}


@pytest.mark.parametrize("name", CODE)
def test_code_in_a_model_folder_is_refused_by_name(
    store: ModelStore, own_folder: Path, name: str
) -> None:
    store.resolve(str(own_folder))
    (own_folder / name).parent.mkdir(exist_ok=True)
    (own_folder / name).write_bytes(CODE[name])
    for ask in (store.resolve, store.verify, store.accept):
        with pytest.raises(CheckFailed, match="refused") as caught:
            ask(str(own_folder))
        assert name in caught.value.message


def test_what_was_prepared_is_checked_and_thrown_away_when_it_changed(store: ModelStore) -> None:
    folder = store.root / MEMORY_FOLDER / "53aa"
    (folder / "compiled").mkdir(parents=True)
    files = [folder / "model.bin", folder / "compiled" / "x.blob"]
    for path in (*files, folder / "conversion.json"):
        path.write_bytes(WEIGHTS)
        os.utime(path, (0, 0))
    assert store.verify_prepared() == 1
    store.trust_prepared(folder)
    (folder / "compiled" / "new.blob").write_bytes(b"half")  # another process writes it now
    store.trust_prepared(folder)
    (folder / "compiled" / "new.blob").write_bytes(b"whole")
    store.trust_prepared(folder)
    before = files[1].stat()
    _flip_one_bit(files[1])
    os.utime(files[1], ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(CheckFailed, match=r"x\.blob is not what was made") as caught:
        store.trust_prepared(folder)
    assert "ragkit ingest" in caught.value.hint
    assert not folder.exists()
    store.trust_prepared(folder)


def prepared_in(store: ModelStore, name: str) -> Path:
    """A folder of something made of a model, long ago."""
    folder = store.root / MEMORY_FOLDER / name
    folder.mkdir(parents=True)
    for path in (folder / "model.bin", folder / "conversion.json"):
        path.write_bytes(WEIGHTS)
        os.utime(path, (0, 0))
    return folder


def test_all_that_was_prepared_is_checked_though_the_first_is_wrong(store: ModelStore) -> None:
    folders = [prepared_in(store, name) for name in "abc"]
    assert store.verify_prepared() == 3
    for folder in (folders[0], folders[2]):
        _flip_one_bit(folder / "model.bin")
    with pytest.raises(CheckFailed) as caught:
        store.verify_prepared()
    told = [str(folder) in caught.value.message for folder in folders]
    assert told == [True, False, True]
    assert [folder.exists() for folder in folders] == [False, True, False]


def test_what_was_prepared_and_cannot_be_noted_is_told(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = prepared_in(store, "a")
    monkeypatch.setattr("ragkit.models.digests.write_json", _read_only)
    with pytest.raises(StorageFault, match="a change of it would not be seen") as caught:
        store.trust_prepared(folder)
    assert "ragkit ingest makes it again" in caught.value.hint
    monkeypatch.undo()
    store.trust_prepared(folder)
    monkeypatch.setattr("ragkit.models.digests.write_json", _read_only)
    store.trust_prepared(folder)  # what is noted is only compared
    assert store.verify_prepared() == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [("pytorch_model.bin", WEIGHTS), ("model.pt", b"\x80\x04"), ("x.ckpt", b"")],
)
def test_pickles_are_refused_by_name(
    store: ModelStore, tmp_path: Path, name: str, content: bytes
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "config.json").write_bytes(CONFIG)
    (folder / name).write_bytes(content)
    for given in (folder, folder / name):
        with pytest.raises(CheckFailed, match="pickle") as caught:
            store.resolve(str(given))
        assert name in caught.value.message
        assert "Delete it if *.safetensors beside it hold the same weights" in caught.value.hint


def test_a_pickle_in_any_models_folder_has_the_same_exit_code(
    store: ModelStore, own_folder: Path
) -> None:
    codes = []
    for folder, name in ((own_folder, str(own_folder)), (store.path(EMBEDDER.name), EMBEDDER.name)):
        (folder / "pytorch_model.bin").write_bytes(b"x")
        with pytest.raises(RagkitError) as caught:
            store.resolve(name)
        codes.append(caught.value.exit_code)
    assert codes == [9, 9]


def test_what_is_no_model_is_refused(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "liar.gguf").write_bytes(b"PK\x03\x04")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageFault, match="not a GGUF file"):
        store.resolve(str(tmp_path / "liar.gguf"))
    with pytest.raises(UsageFault, match=r"needs config\.json"):
        store.resolve(str(tmp_path / "empty"))
    with pytest.raises(ModelMissing, match="There is no model at"):
        store.resolve(str(tmp_path / "absent.gguf"))
    with pytest.raises(UnknownPipeline):
        store.resolve("no-such-model")


def test_where_models_lie_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_models_folder({"RAGKIT_MODELS": "/m"}) == Path("/m")
    monkeypatch.setattr(sys, "platform", "linux")
    assert default_models_folder({"XDG_DATA_HOME": "/d"}) == Path("/d/ragkit/models")
    assert default_models_folder({}) == Path.home() / ".local/share/ragkit/models"


def test_a_full_disk_is_a_storage_fault(tmp_path: Path) -> None:
    with pytest.raises(StorageFault, match="the disk is full"), storage_faults(tmp_path):
        raise OSError(28, "No space left on device")
    with pytest.raises(OSError, match="other"), storage_faults(tmp_path):
        raise OSError(5, "other")


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    code = (
        "import os, sys; from pathlib import Path; from ragkit.models.files import only_one\n"
        "with only_one(Path(sys.argv[1]), 'x'): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(lock)], check=False).returncode == -9
    with only_one(lock, "x"):
        assert lock.exists()


def test_asking_for_a_model_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ragkit.models import ModelStore, load_registry\n"
        "ModelStore(Path(sys.argv[1]), load_registry()).list()\n"
        "print([m for m in ('huggingface_hub', 'subprocess', 'zipfile', 'numpy') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_an_unpinned_file_without_a_manifest_is_not_trusted(tmp_path: Path) -> None:
    spec = replace(GENERATOR, files=(replace(GENERATOR.files[0], sha256="", size=0),))
    install(spec, tmp_path, {"tiny.gguf": GGUF})
    with pytest.raises(ModelMissing):
        ModelStore(tmp_path, Registry((spec,))).path(spec.name)
