"""The local language model: its engine, its chat template, its prompts, and a scripted stand-in.

native.py      llama.cpp itself: loaded, its devices and layouts, model files (the only import of it)
environment.py what it reads of the environment; architectures.py: which kinds of network it knows
runtime.py     the seam to computing: slots, batches, logits; llama.cpp's side of it
jobs.py        what is asked of the model: programs that need logits
batching.py    the one thread that computes for all who ask, in common batches; pace.py: how large;
seats.py       room for texts between two steps
stopping.py    ending it before it is done; handle.py: the model, freed when nobody uses it
prefixes.py    which slot a prompt goes into (pure); keeping.py: fixed instructions, also on disk
sequence.py    one text: written, chosen, cut at a stop; written.py: tokens to text as they come
sampling.py    the next token from its logits, and how likely it was (pure)
skeleton.py    JSON that cannot be wrong
tuning.py      threads and batches, measured once; offloading.py: layers on graphics cards
opening.py     a model opened in a thread, while what it reads is looked for
engine.py      all of it as protocols.Generator; fake.py: the scripted one

Importing this package loads no model library; `engine.LlamaEngine` does so when it is built.
"""
