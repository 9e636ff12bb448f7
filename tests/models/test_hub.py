"""Pulling from a model hub, through its real client, against a hub on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ragkit.errors import CheckFailed, NotReady, UsageFault
from ragkit.models import HubSource, ModelSpec, ModelStore, Progress, Registry
from tests.models.hub_server import COMMIT, Hub, running_hub
from tests.models.samples import CONFIG, GENERATOR, GGUF, REGISTRY

NAME = GENERATOR.name
BLOCK = 64 * 1024
RESOLVE = "/someone/tiny-GGUF/resolve"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    from huggingface_hub import close_session, constants

    files = {"tiny.gguf": GGUF, "notes.json": CONFIG}
    with running_hub(Hub("someone/tiny-GGUF", files)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", BLOCK)
        monkeypatch.setattr("time.sleep", lambda _: None)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield hub
    close_session()


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return ModelStore(tmp_path_factory.mktemp("models"), REGISTRY)


def _store_with(store: ModelStore, spec: ModelSpec) -> ModelStore:
    return ModelStore(store.root, Registry((spec,)))


def _interrupt_at(bytes_done: int) -> Progress:
    def progress(what: str, done: int, total: int) -> None:
        if what == "tiny.gguf" and done >= bytes_done:
            raise KeyboardInterrupt

    return progress


def test_pull_brings_the_model_and_shows_progress(store: ModelStore, hub: Hub) -> None:
    seen: list[tuple[str, int, int]] = []
    path = store.pull(NAME, lambda *step: seen.append(step))
    assert path.read_bytes() == GGUF
    steps = [(done, total) for what, done, total in seen if what == "tiny.gguf"]
    assert (steps[0], steps[-1]) == ((0, len(GGUF)), (len(GGUF), len(GGUF)))
    assert len(steps) > len(GGUF) // BLOCK
    assert hub.bytes_sent == len(GGUF) + len(CONFIG)


def test_nothing_but_the_files_is_asked_for(store: ModelStore, hub: Hub) -> None:
    store.pull(NAME)
    asked = {path for _, path, _ in hub.requests}
    assert asked == {
        f"{RESOLVE}/main/tiny.gguf",
        f"{RESOLVE}/{COMMIT}/tiny.gguf",
        f"{RESOLVE}/{COMMIT}/notes.json",
        "/cdn/tiny.gguf",
    }
    agents = {headers["user-agent"] for headers in hub.headers}
    assert not any("torch/" in agent or "agent/" in agent for agent in agents), "telemetry"


def test_the_branch_is_pinned_to_its_commit(store: ModelStore, hub: Hub) -> None:
    store.pull(NAME)
    manifest = json.loads((store.root / NAME / "model.json").read_text())
    assert manifest["source"]["commit"] == COMMIT
    assert manifest["source"]["revision"] == "main"


def test_an_interrupted_pull_goes_on_where_it_stopped(store: ModelStore, hub: Hub) -> None:
    with pytest.raises(KeyboardInterrupt):
        store.pull(NAME, _interrupt_at(len(GGUF) // 2))
    assert not store.list()[1].installed
    hub.requests.clear()
    hub.bytes_sent = 0
    store.pull(NAME)
    ranges = [asked for method, path, asked in hub.requests if path.startswith("/cdn/")]
    start = int(ranges[-1].removeprefix("bytes=").rstrip("-"))
    assert start >= len(GGUF) // 2 - BLOCK
    assert hub.bytes_sent == len(GGUF) - start + len(CONFIG)
    store.verify(NAME)


def test_a_complete_file_is_not_sent_again(store: ModelStore, hub: Hub) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if what == "notes.json":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pull(NAME, interrupt)
    hub.requests.clear()
    store.pull(NAME)
    assert [path for method, path, _ in hub.requests if method == "GET"] == [
        f"{RESOLVE}/{COMMIT}/notes.json"
    ]


def test_a_broken_connection_is_taken_up_again_at_once(store: ModelStore, hub: Hub) -> None:
    hub.cut_after = 5 * BLOCK + 17
    store.pull(NAME)
    assert hub.bytes_sent < len(GGUF) + len(CONFIG) + 2 * BLOCK
    assert any(asked.startswith("bytes=") for _, _, asked in hub.requests)
    store.verify(NAME)


def test_a_wrong_byte_is_refused_by_name(store: ModelStore, hub: Hub) -> None:
    hub.files["tiny.gguf"] = GGUF[:-1] + b"\0"
    with pytest.raises(CheckFailed, match=r"tiny\.gguf is not what it should be"):
        store.pull(NAME)
    assert not (store.root / NAME).exists()
    hub.files["tiny.gguf"] = GGUF
    store.pull(NAME)


def test_a_digest_that_is_not_given_is_pinned_by_the_first_pull(
    store: ModelStore, hub: Hub
) -> None:
    files = tuple(replace(file, sha256="", size=0) for file in GENERATOR.files)
    open_store = _store_with(store, replace(GENERATOR, files=files))
    assert open_store.list()[0].digest == ""
    open_store.pull(NAME)
    assert open_store.list()[0].digest == GENERATOR.weights.sha256
    weights = open_store.path(NAME)
    weights.write_bytes(GGUF[:-1] + b"\0")
    with pytest.raises(CheckFailed, match=r"tiny\.gguf"):
        open_store.trusted_path(NAME)


def test_a_file_that_the_hub_lacks(store: ModelStore, hub: Hub) -> None:
    del hub.files["notes.json"]
    with pytest.raises(UsageFault, match=r"no file notes\.json in someone/tiny-GGUF"):
        store.pull(NAME)


def test_a_repository_that_does_not_exist(store: ModelStore, hub: Hub) -> None:
    spec = replace(GENERATOR, source=HubSource("someone/else"))
    with pytest.raises(UsageFault, match="no repository someone/else"):
        _store_with(store, spec).pull(NAME)


def test_a_gated_repository_tells_how_to_get_in(store: ModelStore, hub: Hub) -> None:
    hub.gated = True
    with pytest.raises(NotReady, match="accepted its licence") as caught:
        store.pull(NAME)
    assert "hf auth login" in caught.value.hint


def test_a_hub_that_is_gone(store: ModelStore, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_hub(Hub("x/y", {})) as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.address)
    with pytest.raises(NotReady, match="connection to the model hub failed") as caught:
        store.pull(NAME)
    assert caught.value.exit_code == 4


def test_offline_is_respected(store: ModelStore, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(NotReady, match="HF_HUB_OFFLINE"):
        store.pull(NAME)
    assert not hub.requests


def test_a_token_does_not_travel_to_another_host(
    store: ModelStore, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    store.pull(NAME)
    pairs = list(zip(hub.requests, hub.headers, strict=True))
    with_token = {path for (_, path, _), headers in pairs if "authorization" in headers}
    assert with_token
    assert not any(path.startswith("/cdn/") for path in with_token)
