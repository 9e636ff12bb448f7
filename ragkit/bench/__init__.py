"""`ragkit bench`: ragkit against the usual stack on this machine, in the same run, as ratios.

machine.py     what the figures were measured on
material.py    the same plain text for both sides, in a folder that goes away
windows.py     how the usual stack cuts texts (pure)
baseline.py    the usual stack in a process of its own: sentence-transformers and Chroma
children.py    running whole processes and what they cost
arithmetic.py  how many operations a model needs for a text (pure)
embedding.py   the embedder against this machine's matrix product, in a process of its own
ingesting.py   both ingests, in turn
searching.py   both searches, cold and warm, in turn
unchanged.py   an ingest in which nothing has changed, beside a bare walk
generating.py  the engine beside the high-level class, and whole answers beside a tutorial's
generated.py   the first of these, in a process of its own; asked.py the second
summarizing.py composed summaries, many at once, beside one prompt at a time
summarized.py  both sides of that, in a process of its own
verifying.py   the check of written sentences: faults caught, faithful ones withheld, by kind
fault_cases.py what is judged; faults.py and faithful.py change sentences, true_sentences.py draws them
results.py     the figures, and what is made of them
showing.py     the figures for people
"""
