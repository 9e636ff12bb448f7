"""Keeping an index: ingests and nights, their reports, purges, and how it all stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ragkit.catalog import Reader, WriterLock
from ragkit.config import Pipeline
from ragkit.errors import IndexMissing
from ragkit.flows.before import Before
from ragkit.flows.passwords import Passwords
from ragkit.flows.stating import published, runs_of, status_of
from ragkit.types import IngestPlan, IngestReport, PipelineStatus, RunRecord, Step
from ragkit.types.erasure import Certificate
from ragkit.workspace.base import Opened

NO_ONE_ASKED: Mapping[str, str] = MappingProxyType({})


class Indexing(Opened):
    """What changes an index, and what is told of it."""

    def ingest(
        self,
        pipeline: str,
        *,
        retry: bool = False,
        allow_empty: bool = False,
        rebuild: bool = False,
        passwords: Mapping[str, str] = NO_ONE_ASKED,
        on_step: Callable[[Step], None] | None = None,
    ) -> IngestReport:
        """Read what is new or changed in the pipeline's folders and publish it.

        retry: try again what could not be read, though it has not changed. allow_empty: folders
        without a file are meant. rebuild: read every file again, beside the state that answers.
        passwords: by path, of documents that need one, beside those of the pipeline's file; not kept.
        on_step: told how far it has come, in this thread.
        Raises UnknownPipeline, ModelMissing, Busy, StorageFault, UsageFault, Interrupted.
        """
        chosen = self._pipeline(pipeline)
        noting = self._noting(chosen)
        noting.require_possible_and_own()
        with noting.if_it_fails("ingest"):
            report = self._ingest(
                chosen, retry, allow_empty, rebuild, passwords=passwords, on_step=on_step
            )
        noting.ingest(report)
        noting.remember()
        return report

    def plan(self, pipeline: str) -> IngestPlan:
        """What an ingest would look into, and about how long it would take.

        Told from sizes, times and the figures of earlier runs; nothing is read or written.
        """
        from ragkit.flows.estimating import timed
        from ragkit.flows.planning import plan

        chosen = self._pipeline(pipeline)
        try:
            with published(chosen) as catalog:
                before = Before.read(Reader(catalog), {})
        except IndexMissing:
            before = Before.nothing()
        parsers = self._builder.parsers(chosen)
        planned = plan(
            chosen, before, parsers.fingerprint, parsers.ocr_fingerprint, passwords_of(chosen)
        )
        rate = self._builder.texts_per_second(chosen)
        return timed(planned, self.runs(pipeline), rate, chosen.settings.parsing.workers)

    def purge(
        self,
        pipeline: str,
        documents: Iterable[str],
        *,
        still_there: bool = False,
        on_step: Callable[[Step], None] | None = None,
        on_certificate: Callable[[Certificate], None] | None = None,
    ) -> Certificate:
        """Erase documents, and all that was made of them, from every byte of the store.

        documents: paths, folders or patterns; an attachment goes with the whole file it came in.
        still_there: also those whose file still lies in the folder; the next ingest reads it again.
        on_certificate: keeps the certificate before the purge counts as certified: if that, or noting
        it, fails, the same purge can be asked for again and only its certificate is made.
        The certificate says whether anything was found afterwards; nothing is raised for it. Raises
        UnknownPipeline for a name that fits no document, UsageFault, IndexMissing, Busy, StorageFault.
        """
        from ragkit.flows.purging import purge

        chosen = self._pipeline(pipeline)
        noting = self._noting(chosen)
        noting.require_possible_and_own()
        others = tuple(each for each in self.config.pipelines.values() if each is not chosen)

        def keep(certificate: Certificate) -> None:
            noting.purge(certificate)
            if on_certificate is not None:
                on_certificate(certificate)

        with noting.if_it_fails("purge"):
            certificate = purge(
                replace(self._builder.purge_parts(chosen), others=others),
                tuple(documents),
                still_there=still_there,
                on_step=on_step,
                on_certificate=keep,
            )
        noting.remember()
        return certificate

    def status(self, pipeline: str | None = None) -> list[PipelineStatus]:
        """The state of one pipeline, or of all."""
        names = (pipeline,) if pipeline else self.pipelines
        chosen = [self._pipeline(name) for name in names]
        return [status_of(pipeline, self._builder.trained(pipeline)) for pipeline in chosen]

    def runs(self, pipeline: str, limit: int = 20) -> list[RunRecord]:
        """The latest ingests, newest first; none before the first. One whose process died is "killed"."""
        return runs_of(self._pipeline(pipeline), limit)

    def _ingest(
        self,
        chosen: Pipeline,
        retry: bool = False,
        allow_empty: bool = False,
        rebuild: bool = False,
        *,
        passwords: Mapping[str, str] = NO_ONE_ASKED,
        on_step: Callable[[Step], None] | None = None,
    ) -> IngestReport:
        if WriterLock.is_held(chosen.store):
            with WriterLock(chosen.store):  # raises Busy, before seconds go into getting ready
                pass
        from ragkit.flows.ingest_parts import IngestOptions
        from ragkit.flows.ingesting import ingest

        known = passwords_of(chosen).and_asked(passwords) if passwords else passwords_of(chosen)
        parts = self._builder.ingest_parts(chosen, on_step, known)
        options = IngestOptions(retry=retry, allow_empty=allow_empty, rebuild=rebuild)
        return ingest(parts, options, on_step)


def passwords_of(pipeline: Pipeline) -> Passwords:
    """Raises UsageFault if others may read their file, ConfigFault with its faults."""
    path = pipeline.passwords_file
    return Passwords.none() if path is None else Passwords.load(path)
