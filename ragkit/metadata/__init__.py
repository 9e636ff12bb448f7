"""Metadata of documents, by which a question can be limited: from files beside them and from paths.

    contract.pdf.meta.yaml     of one document (also .meta.yml and .meta.json)
    metadata.csv               of the documents of a folder: a column `document`, the others are keys
    metadata.yaml              the same: file names or patterns, each with a mapping of keys to values
    metadata: {path: [...]}    in pipelines.yaml: "{client}/{year}/*" gives client and year

Where several give the same key the nearest holds: a document's own file, then the file of the nearest
folder, then the path. Everything here is pure but `sidecars`, which reads files.
"""
