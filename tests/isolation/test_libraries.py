"""The libraries that ragkit is made of work under the seal, and try nothing."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from tests.isolation.conftest import in_child

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the guard's filter is Linux's")

PROGRAMS = {
    "chromadb": """
        import chromadb, numpy
        collection = chromadb.PersistentClient("store").create_collection(
            "vectors", embedding_function=None
        )
        vectors = numpy.eye(8, dtype=numpy.float32)
        collection.add(ids=[str(n) for n in range(8)], embeddings=vectors)
        found = collection.query(query_embeddings=vectors[3:4], n_results=1)
        assert found["ids"] == [["3"]], found
    """,
    "torch": """
        import torch
        product = torch.ones(64, 64) @ torch.ones(64, 64)
        assert product[0, 0] == 64
    """,
    "openvino": """
        import numpy, openvino
        from openvino import opset13 as operations
        given = operations.parameter([1, 4], numpy.float32)
        model = openvino.Model([operations.multiply(given, numpy.float32(2))], [given])
        compiled = openvino.Core().compile_model(model, "CPU")
        assert compiled(numpy.ones((1, 4), numpy.float32))[0].sum() == 8
    """,
    "pypdfium2": """
        import pypdfium2
        document = pypdfium2.PdfDocument.new()
        document.new_page(100, 100)
        assert len(document) == 1
        document.close()
    """,
}


@pytest.mark.parametrize("library", PROGRAMS)
def test_the_library_works_sealed(library: str, tmp_path: Path) -> None:
    begin = "import ragkit.isolation as guard; guard.seal()\n"
    end = "\nprint('worked', guard.attempts())"
    child = in_child(begin + textwrap.dedent(PROGRAMS[library]) + end, cwd=tmp_path)
    assert child.printed == "worked ()", child.errors
