"""How many operations a second this machine's matrix products reach: what an embedder is held against.

A product is a chain, each factor taking the result of the one before, so that nothing but multiplying is
measured: the model's own feed-forward products without all that lies between them, and a large
square one, which suits processors best.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ragkit.acceleration.openvino_library import core, openvino_library
from ragkit.bench.arithmetic import LayerShape
from ragkit.machine import processors

_SQUARE = 2048
_FACTORS = 12
_SECONDS = 0.6
Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chain:
    """rows: of the first matrix. factors: (inputs, outputs) of each that it is multiplied with."""

    rows: int
    factors: tuple[tuple[int, int], ...]

    @property
    def operations(self) -> int:
        return sum(2 * self.rows * inputs * outputs for inputs, outputs in self.factors)

    def matrices(self) -> tuple[Matrix, list[Matrix]]:
        """The first matrix, and the factors as (outputs, inputs); values stay about 1."""
        random = np.random.default_rng(0)
        first = random.standard_normal((self.rows, self.factors[0][0]), dtype=np.float32)
        return first, [
            random.standard_normal((outputs, inputs), dtype=np.float32) / np.float32(inputs**0.5)
            for inputs, outputs in self.factors
        ]


def chains(shape: LayerShape, rows: int) -> dict[str, Chain]:
    """Name -> chain: the model's feed-forward products of `rows` tokens, and a square one."""
    there, back = (shape.width, shape.inner), (shape.inner, shape.width)
    square = ((_SQUARE, _SQUARE),) * 2
    return {
        f"{rows} x {shape.width} x {shape.inner}": Chain(rows, (there, back) * (_FACTORS // 2)),
        f"square {_SQUARE}": Chain(_SQUARE, square),
    }


def products(shape: LayerShape, rows: int, *, bf16: bool) -> dict[str, Callable[[], float]]:
    """Name -> what measures operations per second once, with all cores, in OpenVINO and in torch."""
    ways = {"openvino": _in_openvino, "torch": _in_torch}
    return {
        f"{library} {name}": _rate(way(chain, bf16), chain.operations)
        for name, chain in chains(shape, rows).items()
        for library, way in ways.items()
    }


def _rate(compute: Callable[[], int], operations: int) -> Callable[[], float]:
    """compute: returns how many chains it has computed; the first call is not measured."""
    compute()

    def measure() -> float:
        done, started = 0, time.perf_counter()
        while (passed := time.perf_counter() - started) < _SECONDS or not done:
            done += compute()
        return done * operations / passed

    return measure


def _in_openvino(chain: Chain, bf16: bool) -> Callable[[], int]:
    """As the embedder does it: as many chains side by side as OpenVINO thinks best."""
    openvino = openvino_library()
    steps = openvino.opset13
    first, factors = chain.matrices()
    state = parameter = steps.parameter(list(first.shape), np.float32)
    for factor in factors:
        state = steps.matmul(state, steps.constant(factor), False, True)
    # Only a row of the result leaves: copying it is no part of the product.
    state = steps.reduce_max(state, steps.constant(np.array([0])), False)
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
        "PERFORMANCE_HINT": "THROUGHPUT",
        "INFERENCE_NUM_THREADS": len(processors()),
    }
    compiled = core().compile_model(openvino.Model([state], [parameter]), "CPU", settings)
    queue = openvino.AsyncInferQueue(compiled, 0)

    def compute() -> int:
        for _ in range(len(queue)):
            queue.start_async([first])
        queue.wait_all()
        return len(queue)

    return compute


def _in_torch(chain: Chain, bf16: bool) -> Callable[[], int]:
    """One chain at a time, all cores on each product."""
    import torch

    torch.set_num_threads(len(processors()))
    kind = torch.bfloat16 if bf16 else torch.float32
    first, factors = chain.matrices()
    begin, weights = torch.from_numpy(first).to(kind), list(_as(kind, factors))

    def compute() -> int:
        state = begin
        for weight in weights:
            state = torch.nn.functional.linear(state, weight)
        return 1

    with torch.inference_mode():
        compute()
    return compute


def _as(kind: Any, factors: list[Matrix]) -> Iterator[Any]:
    import torch

    for factor in factors:
        yield torch.from_numpy(factor).to(kind)
