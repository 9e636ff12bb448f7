"""Switches of the libraries that phone home, set before they are imported.

Hygiene only: two of them turned telemetry on again between releases. The filter keeps the promise;
this keeps libraries from waiting for a network that is not there.

PYTHONPATH, LD_PRELOAD and their like are left alone: they name code that the owner of the machine
chose, they have already acted on this process, and no code gets past the kernel's filter.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import NamedTuple


class Switch(NamedTuple):
    """An environment variable, the value it gets, and why."""

    name: str
    value: str
    reason: str


SWITCHES = (
    Switch("DO_NOT_TRACK", "1", "the common wish not to be tracked; unstructured heeds it"),
    Switch("SCARF_NO_ANALYTICS", "true", "unstructured pings at import and for every document"),
    Switch("UNSTRUCTURED_DISABLE_NOTICE", "1", "unstructured prints an advertisement"),
    Switch("ORT_DISABLE_TELEMETRY", "1", "onnxruntime reports from C++ as soon as it is imported"),
    Switch("ANONYMIZED_TELEMETRY", "False", "chromadb before 1.5.4 reports to PostHog"),
    Switch("HF_HUB_OFFLINE", "1", "models are opened by path; the hub is never asked"),
    Switch("TRANSFORMERS_OFFLINE", "1", "the same, for releases that read only this name"),
    Switch("HF_DATASETS_OFFLINE", "1", "the same, for data sets"),
    Switch("HF_HUB_DISABLE_TELEMETRY", "1", "the hub client reports its use"),
    Switch(
        "HF_HUB_DISABLE_XET", "1", "its transfer library is native and has a network of its own"
    ),
    Switch("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1", "no credential is added to a request by itself"),
    Switch("DISABLE_TELEMETRY", "1", "an older name that the hub client still reads"),
    Switch("OTEL_SDK_DISABLED", "true", "opentelemetry comes with chromadb"),
    Switch("TOKENIZERS_PARALLELISM", "false", "its threads warn and may hang in forked children"),
    Switch("JOBLIB_MULTIPROCESSING", "0", "its semaphores are files in /dev/shm; it warns without"),
    Switch("PYTHONBREAKPOINT", "0", "a forgotten breakpoint() opens no debugger"),
)

UNSET_PREFIXES = ("CHROMA_", "OTEL_")
"""Settings that point chromadb or opentelemetry at a server."""

UNSET = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT", "PYTHONSTARTUP")
"""Credentials and addresses that nothing needs offline, and a script for interactive children."""

UNSET_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY")
"""Proxies, in both cases of writing."""


def scrub_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove what leads to a network, then set every switch. Children inherit the result."""
    for name in list(environment):
        if name.startswith(UNSET_PREFIXES) or name in UNSET or name.upper() in UNSET_PROXIES:
            del environment[name]
    for switch in SWITCHES:
        environment[switch.name] = switch.value
