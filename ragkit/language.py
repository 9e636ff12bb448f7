"""The language of a text, told by its function words; the same lists are what search leaves out.

No library and no model: a list of function words for each language, of which those are counted that
one language has and the other has not. Of other languages than these seven nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_ENGLISH = """
a about above after again against all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each few for from further had
has have having he her here hers herself him himself his how i if in into is it its itself just me
more most my myself no nor not of off on once only or other our ours out over own same shall she
should so some such than that the their theirs them themselves then there these they this those
through to too under until up upon very was we were what when where which while who whom whose why
will with would you your yours
"""
_SPANISH = """
a al algo algún alguna alguno algunos ante antes aquel aquella aquellos aun aunque bajo cada como
cómo con contra cual cuál cuáles cualquier cuando cuándo cuanto cuánto cuántos de del desde donde
dónde dos durante e el él ella ellas ellos en entre era eran es esa esas ese eso esos esta está
están estas este esto estos fue fueron ha había haber han has hasta hay la las le les lo los más me
mi mis mucho muy ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por
porque pues que qué quien quién quiénes se sea según ser si sí sido sin sobre son su sus también
tan tanto te tiene tienen todo todos tras tu tus u un una uno unos y ya
"""
_FRENCH = """
à afin ai ainsi alors après au aucun aucune auquel aura auront aussi autre autres aux auxquels avait
avant avec avoir ayant car ce ceci cela celle celles celui ces cet cette ceux chaque chez comme comment
d dans de depuis des deux dont du duquel durant elle elles en encore entre est et étaient était été
être eu eux fait font il ils j je jusqu l la laquelle le lequel les lesquelles lesquels leur leurs lors
lui ma mais me même mes moins mon n ne ni non nos notre nous on ont où ou par parce pas pendant peu peut
peuvent plus pour pourquoi près qu quand que quel quelle quelles quels qui quoi s sa sans se selon sera
seront ses si soit son sont sous sur ta te tes toi ton tous tout toute toutes très tu un une vers via vos
votre vous y
"""
_GERMAN = """
ab aber alle allem allen aller alles als also am an ander andere anderem anderen anderer auch auf aus
außer bei beim bevor bis bist da dabei dadurch dafür damit dann daran darauf das dass dazu dein deine
dem den denen denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort du durch
ein eine einem einen einer eines einige er es etwa etwas euch für gegen gegenüber gemäß hat hatte hatten
haben hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem innerhalb ins ist jede jedem
jeden jeder jedes jedoch kann kein keine keinem keinen keiner können man mehr mein meine mit muss müssen
nach neben nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seit sich sie
sind so sofern solche soll sollen sondern soweit sowie über um und uns unser unter vom von vor während
wann war waren warum was wegen weil welche welchem welchen welcher welches wenn wer werden wie wieder
wird wo worden wurde wurden zu zum zur zwischen
"""
_ITALIAN = """
a ad agli ai al alcun alcuna alcune alcuni all alla alle allo altra altre altri altro anche ancora avere
aveva avevano che chi ci ciascun ciascuna ciò co coi col come con contro cui d da dagli dai dal dall
dalla dalle dallo degli dei del dell della delle dello deve devono di dopo dove due durante e è ed egli
entro era erano essa esse essere essi esso fino fra fu furono gli ha hanno i il in io l la le lei li lo
loro lui ma me mediante mentre mi mia mio ne negli nei nel nell nella nelle nello nessun nessuna no noi
non nostra nostro o oggi ogni oltre per perché però più poi presso prima può qua qual quale quali quando
quanto quella quelle quelli quello questa queste questi questo qui se secondo sei sempre senza si sia
siano sono sopra sotto stata stati stato su sua sue sugli sui sul sull sulla sulle suo suoi tra tutta
tutte tutti tutto un una uno verso vi voi
"""
_PORTUGUESE = """
a à ao aos aquela aquelas aquele aqueles aquilo as às até cada com como contra cuja cujo da das de dela
delas dele deles depois desde dessa desse desta deste deve devem do dois dos durante e é ela elas ele
eles em entre era eram essa essas esse esses esta está estão estas este estes eu foi foram há isso isto
já lhe lhes lo mais mas me mediante mesma mesmo meu minha muito na não nas nem nenhum nenhuma no nos nós
nossa nosso num numa o onde os ou outra outras outro outros para pela pelas pelo pelos perante pode podem
por porque qual quais qualquer quando quanto que quê quem se seja sejam sem sendo ser será serão seu seus
sido só sob sobre sua suas também te tem têm ter toda todas todo todos tu um uma umas uns você
"""
_CATALAN = """
a abans això al algun alguna alguns als amb aquell aquella aquelles aquells aquest aquesta aquestes
aquests ara així aquí bé cada cap com contra d da de del dels des després dins doncs dos durant e el ell
ella elles ells els em en encara ens entre era eren es és ésser està estan et fins ha haver havia hi ho i
jo l la las les li llavors llur llurs mai malgrat mentre més meu meva molt n na ni no nos nosaltres
nostra nostre o on pas pel pels per però perquè poc pot poden què qual quals qualsevol quan quant que qui
quin quina quines quins s sa se segons sense ser serà seran ses seu seus seva seves si sigui siguin sobre
són sota t també tan tant te tenen té tot tota totes tots un una unes uns us va van vos vostè vostra
"""

STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "es": frozenset(_SPANISH.split()),
    "fr": frozenset(_FRENCH.split()),
    "de": frozenset(_GERMAN.split()),
    "it": frozenset(_ITALIAN.split()),
    "pt": frozenset(_PORTUGUESE.split()),
    "ca": frozenset(_CATALAN.split()),
}
"""Function words in lower case, with their accents, by ISO 639-1 code."""

LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "ca": "Catalan",
}
"""For messages."""

_MAIN = ("en", "es")
_OTHERS = tuple(language for language in STOP_WORDS if language not in _MAIN)
_WORD = re.compile(r"[^\W\d_]{2,}")
"""A single letter may be anything: the "d" of "d'une", a variable, a byte of something that is no text."""
_SPANISH_MARKS = re.compile(r"[¿¡]")
"""Each counts as a word: "¿Qué día nació Ana Ruiz?" has only one other."""
_SURE = 1.5
"""The words that only one of two languages has must be this many times as many as the other's."""
_FEWEST = 2
"""Such words needed before anything is said."""
_SHORT = 40
"""Words of a text that is taken for a question or a line."""
LONGEST_LOOK = 20_000
"""Characters looked at; more tell nothing new."""


def language_of(text: str) -> str:
    """The ISO 639-1 code of one of STOP_WORDS, or "" where the text is too short or mixed to tell.

    English and Spanish are told from each other alone; another language is said only where the words
    that it does not share speak for it against every other one, or where it has most of the words of
    a short text. So a page of Catalan is told from Spanish, and of a line that could be either it is
    taken for Spanish.
    """
    shown = text[:LONGEST_LOOK]
    words = Counter(_WORD.findall(shown.casefold()))
    marks = len(_SPANISH_MARKS.findall(shown))
    for language in _OTHERS:
        if all(_is_rather(words, language, other) for other in STOP_WORDS if other != language):
            return language
    if _is_rather(words, "en", "es", -marks):
        return "en"
    if not marks and words.total() <= _SHORT and (other := _with_most(words)):
        return other
    return "es" if _is_rather(words, "es", "en", marks) else ""


def _is_rather(words: Counter[str], language: str, other: str, more: int = 0) -> bool:
    """Whether the words that only one of both has speak for `language`. more: beside these; less
    than 0 for the other.
    """
    only, others = STOP_WORDS[language], STOP_WORDS[other]
    ours = sum(count for word, count in words.items() if word in only and word not in others)
    theirs = sum(count for word, count in words.items() if word in others and word not in only)
    ours, theirs = ours + max(more, 0), theirs + max(-more, 0)
    return ours >= _FEWEST and ours >= _SURE * theirs


def _with_most(words: Counter[str]) -> str:
    """The language but English and Spanish that has more of the words than every other; "" for none."""
    counts = {
        language: sum(count for word, count in words.items() if word in function_words)
        for language, function_words in STOP_WORDS.items()
    }
    most = max(counts.values())
    first = [language for language, count in counts.items() if count == most]
    return first[0] if most >= _FEWEST and len(first) == 1 and first[0] in _OTHERS else ""
