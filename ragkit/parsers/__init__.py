"""Files to text: one module a format, read in short-lived worker processes.

registry   which module reads which suffix, and what a file really is
pool       the main process's side: worker processes, restarts, outcomes as they finish
worker     the other side: one child process for each document, within limits
text html word mail workbook pdf      a format each: parse(data, name, reading) -> ParsedDocument
elements pdf_pdfium pdf_pypdf         the only importers of unstructured, pypdfium2 and pypdf
"""
