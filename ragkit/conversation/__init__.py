"""Follow-up questions made to stand alone, by rules: text in, text out. No model, no store, no documents.

lexicon.py         the closed lists of words, English and Spanish
phrasing.py        the signs around a question, "and" before it
reading.py         what a question names: words, names, the phrases that hold them
carried.py         what may be carried over from the question before
fragments.py       "and for Calderbrook?", "¿y la dosis?", "why?": what is less than a sentence
completing.py      the question that such a fragment stands for
interrogatives.py  the same question with another interrogative
pronouns.py        "when was it signed?": an English sentence that points back
spanish.py         "¿quién lo firmó?", "¿qué dosis toma?": a Spanish one
rewriting.py       which of these a question is, if any
choosing.py        "2", "the second one", "la primera": one of several documents
history.py         the turns that are remembered, within a budget
soundness.py       whether what the rules wrote is a question at all
telling.py         what a conversation says of itself, English and Spanish
wordcheck.py       what a model may have put into a rewritten question
saving.py          a conversation in a file, whole after every turn
"""
