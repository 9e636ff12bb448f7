"""The local language model: its engine, its chat template, its prompts, and a scripted stand-in.

Importing this package loads no model library; `engine.LlamaEngine` does so when it is built.
"""
