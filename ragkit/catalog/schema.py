"""Tables of the catalog, as numbered migrations.

Content tables hold what was made of each version of a file, whether published or not. They are
written document by document, so that a killed ingest goes on where it stopped:

    contents     what a reader made of some bytes         key: sha256 + reader
    pages        its text, in pages
    children     its attachments
    chunk_sets   how a chunker cut it                     key: content + chunker
    chunks       ranges of characters with their headers
    vectors      one for each different embedded text     key: embedder + digest of the text
    sentence_vectors  those of its sentences              key: the vector
    summaries    what a summarizer made of a content      key: content + summarizer
    findings     verdicts of sweeps, by place             key: content + what was asked
    fenced       passages of it that read like instructions to a machine; `fenced_by` of the
                 content says which detector has looked

Published tables say what readers see. They change only in the publishing transaction:

    documents       a path shows a content, cut in one way
    entries         a chunk of a document, with its vector; its id is the row of entry_terms
    entry_terms     full-text index over header and body
    document_terms  full-text index over the words that name a document
    quarantine      files that could not be read, with the reason
    document_metadata  keys and values of documents, from files beside them and from paths
    metadata_faults    what is wrong with such files
    run_metadata       documents whose metadata changed, until a nightly report has told it
    state           generation, fingerprints
    vector_indexes  the Chroma folder in use: it holds every vector up to `last_vector`
    runs            one row for each ingest
    names           paths by a number that is never used again: the three tables below know no other
    run_documents   digests of files that came, changed or went, until a nightly report has told it
    failures        what cannot be read now, since when, and whether a report has named it
    reports         nightly reports, as they were given, with numbers for the documents
    report_names    which of the names a report shows

What the user teaches is the user's, and no ingest makes it:

    feedback           questions that were marked
    feedback_marks     the passages that were marked right or wrong for them
    adapters           what was learned of them, the newest in use
    adapter_documents  the documents that an adapter was trained on
"""

from __future__ import annotations

import sqlite3

from ragkit.errors import NotReady

# Each string is run once, in order; user_version counts them. A published one is never edited.
MIGRATIONS = (
    """
    CREATE TABLE contents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 TEXT NOT NULL,
        reader TEXT NOT NULL,
        parser TEXT NOT NULL,
        title TEXT NOT NULL,
        headings TEXT NOT NULL,
        unread_pages TEXT NOT NULL,
        UNIQUE (sha256, reader)
    );
    CREATE TABLE pages (
        content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        number INTEGER,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        read_as TEXT NOT NULL,
        confidence REAL,
        text TEXT NOT NULL,
        UNIQUE (content_id, ordinal)
    );
    CREATE TABLE children (
        content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        child_id INTEGER REFERENCES contents (id),
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        UNIQUE (content_id, ordinal)
    );
    CREATE INDEX children_by_child ON children (child_id);
    CREATE TABLE chunk_sets (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        chunker TEXT NOT NULL,
        facts TEXT NOT NULL,
        sentences BLOB NOT NULL,
        UNIQUE (content_id, chunker)
    );
    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        chunk_set_id INTEGER NOT NULL REFERENCES chunk_sets (id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        heading TEXT NOT NULL,
        header TEXT NOT NULL,
        vector_key BLOB NOT NULL,
        UNIQUE (chunk_set_id, ordinal)
    );
    CREATE INDEX chunks_by_vector_key ON chunks (vector_key);
    -- AUTOINCREMENT: an id that a vector index still holds must never come to mean another text.
    CREATE TABLE vectors (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        embedder TEXT NOT NULL,
        key BLOB NOT NULL,
        vector BLOB NOT NULL
    );
    CREATE UNIQUE INDEX vectors_by_key ON vectors (key, embedder);
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,
        parent TEXT,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        reader TEXT NOT NULL,
        content_id INTEGER NOT NULL REFERENCES contents (id),
        chunk_set_id INTEGER NOT NULL REFERENCES chunk_sets (id),
        title TEXT NOT NULL,
        kind TEXT NOT NULL,
        language TEXT NOT NULL,
        names TEXT NOT NULL,
        date TEXT NOT NULL
    );
    CREATE INDEX documents_by_content ON documents (content_id);
    CREATE INDEX documents_by_chunk_set ON documents (chunk_set_id);
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id INTEGER NOT NULL REFERENCES documents (id),
        chunk_id INTEGER NOT NULL REFERENCES chunks (id),
        vector_id INTEGER NOT NULL REFERENCES vectors (id)
    );
    CREATE INDEX entries_by_document ON entries (document_id);
    CREATE INDEX entries_by_vector ON entries (vector_id);
    CREATE INDEX entries_by_chunk ON entries (chunk_id);
    CREATE VIRTUAL TABLE entry_terms USING fts5 (
        header, body, tokenize = "unicode61 remove_diacritics 0"
    );
    CREATE VIRTUAL TABLE document_terms USING fts5 (
        filename, title, names, opening, tokenize = "unicode61 remove_diacritics 0"
    );
    CREATE VIRTUAL TABLE entry_vocabulary USING fts5vocab (entry_terms, row);
    CREATE TABLE quarantine (
        path TEXT PRIMARY KEY,
        parent TEXT,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        reader TEXT NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        since TEXT NOT NULL
    );
    CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE vector_indexes (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        embedder TEXT NOT NULL,
        last_vector INTEGER NOT NULL,
        vectors INTEGER NOT NULL,
        built TEXT NOT NULL
    );
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        started TEXT NOT NULL,
        finished TEXT,
        pid INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        figures TEXT NOT NULL
    );
    """,
    """
    CREATE INDEX pages_by_ocr ON pages (content_id) WHERE confidence IS NOT NULL;
    CREATE INDEX contents_in_part ON contents (id) WHERE unread_pages <> '[]';
    CREATE TABLE summaries (
        content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        maker TEXT NOT NULL,
        made TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (content_id, maker)
    );
    CREATE TABLE run_documents (
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL
    );
    CREATE INDEX run_documents_by_run ON run_documents (run_id);
    CREATE TABLE failures (
        path TEXT PRIMARY KEY,
        reason TEXT NOT NULL,
        since TEXT NOT NULL,
        reported INTEGER NOT NULL
    );
    CREATE TABLE reports (
        run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
        body TEXT NOT NULL
    );
    """,
    """
    ALTER TABLE contents ADD COLUMN hidden TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE contents ADD COLUMN tables TEXT NOT NULL DEFAULT '[]';
    CREATE INDEX contents_with_hidden ON contents (id) WHERE hidden <> '[]';
    DROP INDEX pages_by_ocr;
    CREATE INDEX pages_by_ocr ON pages (content_id) WHERE read_as = 'ocr';
    CREATE INDEX pages_in_doubt ON pages (content_id) WHERE confidence < 0.8;  -- DOUBTFUL
    """,
    """
    CREATE TABLE names (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE);
    CREATE TABLE report_names (
        run_id INTEGER NOT NULL REFERENCES reports (run_id) ON DELETE CASCADE,
        name_id INTEGER NOT NULL,
        PRIMARY KEY (run_id, name_id)
    ) WITHOUT ROWID;
    CREATE INDEX report_names_by_name ON report_names (name_id);

    CREATE TEMP TABLE told AS
        SELECT run_id, value AS path FROM reports, json_each(body, '$.added')
        UNION SELECT run_id, value FROM reports, json_each(body, '$.changed')
        UNION SELECT run_id, value FROM reports, json_each(body, '$.removed')
        UNION SELECT run_id, value ->> 0 FROM reports, json_each(body, '$.renamed')
        UNION SELECT run_id, value ->> 1 FROM reports, json_each(body, '$.renamed')
        UNION SELECT run_id, value ->> 'document' FROM reports, json_each(body, '$.failures')
        UNION SELECT run_id, value ->> 'document' FROM reports, json_each(body, '$.doubtful')
        UNION SELECT run_id, value ->> 'document' FROM reports, json_each(body, '$.hidden');
    INSERT INTO names (path)
        SELECT path FROM told UNION SELECT path FROM run_documents UNION SELECT path FROM failures;
    INSERT INTO report_names SELECT run_id, id FROM told JOIN names USING (path);
    DROP TABLE told;
    UPDATE reports SET body = json_set(body,
        '$.added', json((SELECT json_group_array(names.id)
            FROM json_each(body, '$.added') CROSS JOIN names ON names.path = value)),
        '$.changed', json((SELECT json_group_array(names.id)
            FROM json_each(body, '$.changed') CROSS JOIN names ON names.path = value)),
        '$.removed', json((SELECT json_group_array(names.id)
            FROM json_each(body, '$.removed') CROSS JOIN names ON names.path = value)),
        '$.renamed', json((SELECT json_group_array(json_array(old.id, new.id))
            FROM json_each(body, '$.renamed') CROSS JOIN names AS old ON old.path = value ->> 0
            CROSS JOIN names AS new ON new.path = value ->> 1)),
        '$.failures', json((SELECT json_group_array(json_set(value, '$.document', names.id))
            FROM json_each(body, '$.failures') CROSS JOIN names ON names.path = value ->> 'document')),
        '$.doubtful', json((SELECT json_group_array(json_set(value, '$.document', names.id))
            FROM json_each(body, '$.doubtful') CROSS JOIN names ON names.path = value ->> 'document')),
        '$.hidden', json((SELECT json_group_array(json_set(value, '$.document', names.id))
            FROM json_each(body, '$.hidden') CROSS JOIN names ON names.path = value ->> 'document')));

    ALTER TABLE run_documents RENAME TO named_changes;
    CREATE TABLE run_documents (
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        name_id INTEGER NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL
    );
    INSERT INTO run_documents SELECT run_id, names.id, before, after
        FROM named_changes CROSS JOIN names USING (path) ORDER BY named_changes.rowid;
    DROP TABLE named_changes;
    CREATE INDEX run_documents_by_run ON run_documents (run_id);

    ALTER TABLE failures RENAME TO named_failures;
    CREATE TABLE failures (
        name_id INTEGER PRIMARY KEY,
        sha256 TEXT NOT NULL,
        reason TEXT NOT NULL,
        since TEXT NOT NULL,
        reported INTEGER NOT NULL
    );
    INSERT INTO failures
        SELECT names.id, coalesce(quarantine.sha256, documents.sha256, ''), named_failures.reason,
            named_failures.since, reported
        FROM named_failures JOIN names USING (path) LEFT JOIN quarantine USING (path)
        LEFT JOIN documents USING (path);
    DROP TABLE named_failures;
    """,
    """
    CREATE TABLE feedback (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        question TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL
    );
    CREATE TABLE feedback_marks (
        feedback_id INTEGER NOT NULL REFERENCES feedback (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        is_right INTEGER NOT NULL,
        PRIMARY KEY (feedback_id, path, sha256, start, stop)
    ) WITHOUT ROWID;
    CREATE TABLE adapters (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        made TEXT NOT NULL,
        embedder TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        weight REAL NOT NULL,
        dimension INTEGER NOT NULL,
        figures TEXT NOT NULL,
        matrix BLOB NOT NULL
    );
    CREATE TABLE adapter_documents (
        adapter_id INTEGER NOT NULL REFERENCES adapters (id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (adapter_id, path)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE sentence_vectors (
        vector_id INTEGER PRIMARY KEY REFERENCES vectors (id) ON DELETE CASCADE,
        spans BLOB NOT NULL,
        vectors BLOB NOT NULL
    );
    """,
    """
    CREATE TABLE document_metadata (
        document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (document_id, position)
    ) WITHOUT ROWID;
    CREATE INDEX document_metadata_by_key ON document_metadata (key);
    CREATE TABLE metadata_faults (path TEXT PRIMARY KEY, reason TEXT NOT NULL);
    CREATE TABLE run_metadata (
        run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        name_id INTEGER NOT NULL,
        PRIMARY KEY (run_id, name_id)
    ) WITHOUT ROWID;
    """,
    """
    CREATE VIRTUAL TABLE document_vocabulary USING fts5vocab (document_terms, col);
    """,
    """
    ALTER TABLE contents ADD COLUMN fenced_by TEXT NOT NULL DEFAULT '';
    CREATE INDEX contents_by_detector ON contents (fenced_by);
    CREATE TABLE fenced (
        content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        stop INTEGER NOT NULL,
        kinds TEXT NOT NULL,
        PRIMARY KEY (content_id, start)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE findings (
        content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
        asker TEXT NOT NULL,
        made TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (content_id, asker)
    );
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the catalog to the newest version, each migration in a transaction of its own.

    Raises NotReady if a newer ragkit wrote it.
    """
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise NotReady(
            f"This index was written by a newer ragkit (catalog version {version}, "
            f"this one knows {len(MIGRATIONS)}).",
            hint="Update ragkit.",
        )
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN;{statements};PRAGMA user_version = {number};COMMIT;")
