"""What models of a folder share on this machine, be they embedders or rerankers.

    config_files.py      the JSON files that say what a model is
    tokenizing.py        the folder's tokenizer, for texts, for pairs and for chunking
    batching.py          which texts go through the model together (pure)
    reference_library.py sentence-transformers, the reference; never imported where it is not needed
    openvino_library.py  OpenVINO, without what reports home
    conversion.py        a model converted once, aside, and what was measured on this machine
    child.py             preparation in a process of its own
    sentences.py         sentences on which the ways of computing are compared
    machine.py           which kind of processor this is

Importing this package loads none of the libraries.
"""
