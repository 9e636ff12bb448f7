"""Documents on their way from texts to vectors: cut up, embedded in parts, ready when their part is done."""

from __future__ import annotations

from collections import deque

from ragkit.catalog import Changes, Contents, DocumentRow, QuarantineRow, StoredContent
from ragkit.flows.preparing import Preparation
from ragkit.flows.progressing import Progress
from ragkit.flows.publication import Publication
from ragkit.flows.surveying import SourceFile

PARTS_AHEAD = 2
"""Parts of texts that may wait for the embedder while documents are read: enough to keep it busy."""
NEVER = -1
"""A time no file has: what bears it is looked at again at the next ingest."""


class Waves:
    """Hands documents to the preparation in waves, and what is embedded to the publication."""

    def __init__(
        self,
        preparation: Preparation,
        contents: Contents,
        publication: Publication,
        progress: Progress,
    ) -> None:
        self._preparation = preparation
        self._contents = contents
        self._publication = publication
        self._progress = progress
        self._chunked = Changes()  # not ready before their vectors are made
        self._embedding: deque[tuple[int, Changes]] = deque()  # waves that are being embedded

    def add(self, file: SourceFile, reader: str, content: StoredContent) -> None:
        """Cut up a file with all its attachments."""
        self._prepare(file, file.path, None, reader, content, file.size)

    def embed(self, leave: int = 0) -> None:
        """Hand over what was cut up; wait while more than `leave` parts are being embedded."""
        self._embedding.append((self._preparation.hand_over(), self._chunked))
        self._chunked = Changes()
        for _ in self._preparation.keep_finished(leave):
            self._after_part()
        self._after_part()

    def _after_part(self) -> None:
        """What is embedded is ready; while a large document is at it, the others need not wait."""
        while self._embedding and self._embedding[0][0] <= self._preparation.done:
            _, wave = self._embedding.popleft()
            self._publication.ready.shown += wave.shown
            self._publication.ready.quarantined += wave.quarantined
        self._progress.tell(self._preparation.embedded, self._preparation.handed_over)
        if self._publication.is_due:
            self._publication.publish()

    def _prepare(
        self,
        file: SourceFile,
        path: str,
        parent: str | None,
        reader: str,
        content: StoredContent,
        size: int,
    ) -> None:
        chunk_set = self._preparation.add(content.id)
        self._chunked.shown.append(
            DocumentRow(
                path=path,
                parent=parent,
                sha256=content.sha256,
                size=size,
                mtime_ns=file.stamp_ns,
                reader=reader,
                content_id=content.id,
                chunk_set_id=chunk_set.id,
            )
        )
        for child in content.children:
            below = f"{path}::{child.name}"
            if child.content_id is None:
                self._chunked.quarantined.append(
                    QuarantineRow(
                        below,
                        path,
                        child.sha256,
                        child.size,
                        NEVER,
                        reader,
                        child.kind,
                        child.reason,
                    )
                )
            else:
                inner = self._contents.get(child.content_id)
                self._prepare(file, below, path, reader, inner, child.size)
