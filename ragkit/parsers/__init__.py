"""Files to text: one module a format, read in short-lived worker processes.

registry   which module reads which suffix, and what a file really is
pool       the main process's side: worker processes, restarts, outcomes as they finish
worker     the other side: one child process for each document, within limits
ocr        a page's picture to its text: ocr_line carries it from the child over the worker to an
           ocr_helper, which runs tesseract; ocr_helpers starts and replaces those processes
text html word mail workbook pdf      a format each: parse(data, name, reading) -> ParsedDocument
elements pdf_pdfium pdf_pypdf images  the only importers of unstructured, pypdfium2, pypdf and Pillow
"""
