"""A fake of each seam, for the tests of programs that build on ragkit and for ragkit's own."""

from ragkit.embedders.fake import HashEmbedder
from ragkit.llm.fake import ScriptedGenerator
from ragkit.parsers.fake import TextParserPool
from ragkit.rerankers.fake import WordReranker
from ragkit.vectors.exact import ExactIndex

__all__ = ["ExactIndex", "HashEmbedder", "ScriptedGenerator", "TextParserPool", "WordReranker"]
