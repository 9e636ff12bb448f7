"""What people ask for, in the words in which contracts and clinical notes say it.

A lawyer asks whether there is a "cap on liability"; the clause says that "in no event shall the
aggregate liability exceed". A student writes "lupus eritematoso sistémico"; the doctor notes "LES".
No stemmer and no small embedder brings these together. The lists are common knowledge of the two
trades, in the plain form "asked -> said" or "one = the other" (both ways); they only add words to a
question, at a weight of their own, and never take any away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ragkit.retrieval.analysis import question_words

_LAW = """
law govern | governing law | law applies | applicable law | interpreted under | law interpreted ->
  governed by, construed, interpreted, accordance with the laws of the State, without regard to conflict
  of laws principles
jurisdiction | court | dispute | arbitration -> exclusive jurisdiction, courts, venue, arbitration
cap on liability | limit liability | limitation of liability | liability limited | liability capped | cap
  a party's liability -> in no event shall, liable, aggregate liability, exceed, amount paid,
  consequential, indirect, incidental damages
uncapped | unlimited liability | liability uncapped -> limitation shall not apply, except for,
  indemnification, breach of confidentiality, gross negligence, willful misconduct
consequential damages -> indirect, incidental, special, punitive, lost profits
liquidated damages | fixed sum | penalty -> liquidated damages, termination fee, late payment charge, per
  day, pay to
non-compete | not compete | compete -> shall not compete, directly or indirectly, engage in, competing,
  competitive business, territory
exclusive | exclusivity | exclusive dealing -> exclusive, sole, exclusively, solely, shall not appoint,
  other third party
non-solicit | solicit employees | hiring | poach -> solicit, hire, employ, induce, employees, leave the
  employment
solicit customers -> solicit, customers, clients, business relationship, divert
disparage | disparagement | non-disparagement -> disparage, derogatory, adversely reflect, reputation,
  goodwill
assign | assignment | assignable | transfer the agreement | anti-assignment -> assign, transfer, delegate,
  prior written consent, successors and permitted assigns, without the consent
change of control | acquired | merger | takeover -> change of control, merger, consolidation, acquisition,
  sale of substantially all assets, voting securities, majority
terminate for convenience | termination for convenience | terminate without cause | without giving a
  reason -> terminate at any time, for any reason, without cause, days prior written notice
terminate | termination | end the agreement -> terminate, termination, written notice, material breach, days
after termination | after expiry | survive | post-termination -> upon termination or expiration, survive,
  following termination, return, wind-down, thereafter
renew | renewal | renewal term | extended -> renew, renewal term, automatically, successive, additional
  periods, extend
stop from renewing | notice renewal | prevent renewal -> written notice, days prior to the expiration,
  intention not to renew, renewal
expire | expiration | how long | last until | initial term end | date end -> term, initial term, continue
  in effect, expire, years from the date, unless earlier terminated
effective | take effect | become effective | start date | commencement -> effective date, effective as of,
  commence, commencing on, shall become effective
signed | dated | enter into | entered into | agreement date | date of the agreement -> dated as of,
  entered into as of, made this day of, date first written above, day of
insurance | insured -> insurance, commercial general liability, policy, coverage, per occurrence,
  certificate of insurance, additional insured
audit | inspect the books | audit rights -> audit, inspect, books and records, examine, auditors, upon
  reasonable notice
licence | license | licensed rights -> grants, hereby grants, license, right to use, royalty-free,
  non-exclusive
irrevocable | perpetual -> perpetual, irrevocable, in perpetuity
transferable | non-transferable | transfer the license -> non-transferable, nontransferable,
  non-assignable, sublicense, without the right to
sublicense -> sublicense, sublicensable, sublicensees
affiliates license | licensee's affiliates | extend to affiliates -> affiliates, subsidiaries, its
  affiliates, members of the group
unlimited usage | all you can eat | enterprise-wide -> unlimited, enterprise, without limitation as to
  number, unlimited runs, copies, users
own ip | owns intellectual property | ip ownership | ip created | ownership of intellectual property ->
  right title and interest, shall own, hereby assigns, work made for hire, inventions, sole and exclusive
  property
joint ownership | jointly owned | joint ip -> jointly own, joint ownership, jointly owned, equal undivided
  interest, joint inventions
source code | escrow -> source code, escrow, release conditions
sue | covenant not to sue | challenge intellectual property -> not contest, challenge, validity,
  ownership, dispute, release, waive claims
third party beneficiary | someone who did not sign | enforce terms -> third party beneficiary, no other
  person, benefit of, confer any rights
most favored nation | most-favored-nation | mfn | better terms | best price -> most favored, no less
  favorable, as favorable, lower price, other customers, third parties
first refusal | first offer | first negotiation | rofr | rofo | rofn -> right of first refusal, right of
  first offer, first negotiation, option, notify, matching offer, good faith negotiate
minimum order | minimum purchase | minimum commitment | minimum payment -> minimum, at least, shall
  purchase, guaranteed, not less than, annual minimum, quota
volume limited | volume restriction | limit on use -> not exceed, maximum, up to, in excess of, additional
  fee, number of
price | price increase | price changes | price restrictions -> price, increase, adjust, fees, not exceed,
  percent, consumer price index
revenue sharing | profit sharing | share revenue | share of profits -> royalty, percent of net sales,
  gross revenues, commission, shall pay, profit
warranty | warranty last | warranty period -> warrants, warranty period, free from defects, months from,
  days after
indemnity | indemnify | hold harmless -> indemnify, defend and hold harmless, losses, claims
confidential | secrecy | non-disclosure | nda -> confidential information, disclose, non-disclosure, secrecy
exceptions | carve-outs -> except, notwithstanding, provided however, shall not apply, other than, excluding
force majeure | act of god -> force majeure, beyond reasonable control, acts of God
payment terms | when is payment due | pay | fee -> payable, invoice, days of receipt, shall pay
rent -> rent, monthly, payable in advance
notice period | how much notice -> days, months, prior written notice
ip = intellectual property
ley rige | ley aplicable | derecho aplicable -> se regirá, legislación, leyes, interpretará conforme
responsabilidad | límite de responsabilidad -> responsabilidad, no excederá, máximo, daños indirectos,
  lucro cesante
plazo de preaviso | preaviso -> preaviso, antelación, días, notificación por escrito
resolver | rescindir | resolución | terminar el contrato -> resolver, resolución, rescindir,
  incumplimiento, desistimiento
renta | alquiler -> renta, mensual, arrendamiento, arrendatario
prórroga | renovar -> prorrogará, prórroga, automáticamente, renovación
duración | vigencia | plazo del contrato -> duración, vigencia, plazo, años, desde la fecha
cesión | ceder | subarrendar -> ceder, cesión, subarrendar, consentimiento previo
confidencialidad | secreto -> confidencial, revelar, divulgar, secreto
fianza | depósito -> fianza, depósito, garantía, mensualidades
indemnización | penalización -> indemnización, penalización, cláusula penal, daños y perjuicios
no competencia | competir -> no competir, competencia, exclusividad
"""

_MEDICINE = """
lupus = lupus eritematoso sistémico | alas de mariposa | rash malar
hta = hipertensión arterial | hipertenso | hipertensa
ta = tensión arterial | presión arterial
hipota = hipotensión | hipotenso
dm = diabetes mellitus | diabético | diabética
epoc = enfermedad pulmonar obstructiva crónica | bronquitis crónica
iam = infarto agudo de miocardio | infarto
scacest = elevación del st | elevación del segmento st
ic = insuficiencia cardíaca | insuficiencia cardiaca
fa = fibrilación auricular
fc = frecuencia cardíaca
tep = tromboembolismo pulmonar | embolia pulmonar
tvp = trombosis venosa profunda
acv = ictus | accidente cerebrovascular | hemiparesia
ait = accidente isquémico transitorio
irc = enfermedad renal crónica | insuficiencia renal crónica
ira = insuficiencia renal aguda | fracaso renal agudo
itu = infección urinaria | infección del tracto urinario | disuria
vih = virus de la inmunodeficiencia humana | sida
vhb = hepatitis b | hbsag
vhc = hepatitis c
veb = epstein-barr | mononucleosis
cmv = citomegalovirus
tbc = tuberculosis | mantoux
eii = enfermedad inflamatoria intestinal | crohn | colitis ulcerosa
ar = artritis reumatoide
ea = espondilitis anquilosante
hbp = hiperplasia benigna de próstata | hipertrofia prostática
psa = antígeno prostático
em = esclerosis múltiple
ela = esclerosis lateral amiotrófica
tce = traumatismo craneoencefálico
tc = tac | tomografía computarizada | tomografía axial
rm = rmn | resonancia magnética
ecg = electrocardiograma | electrocardiográfico
eeg = electroencefalograma
emg = electromiograma | electromiografía
eco = ecografía | ultrasonografía
rx = radiografía | radiológico
cpre = colangiopancreatografía
paaf = punción aspiración con aguja fina | punción aspiración
lcr = líquido cefalorraquídeo | punción lumbar
lma = leucemia mieloide aguda
lla = leucemia linfoblástica aguda
llc = leucemia linfática crónica
lmc = leucemia mieloide crónica
aines = antiinflamatorios no esteroideos | antiinflamatorio | ibuprofeno | diclofenaco
aas = ácido acetilsalicílico | aspirina
ieca = inhibidores de la enzima | enalapril | lisinopril | ramipril
ara = losartán | valsartán
isrs = inhibidores de la recaptación de serotonina | paroxetina | fluoxetina | sertralina
hbpm = heparina de bajo peso molecular | enoxaparina
aco = anticonceptivos orales | anticonceptivo
ths = tratamiento hormonal sustitutivo
ge = gastroenteritis
rge = erge | reflujo gastroesofágico | pirosis
siadh = secreción inadecuada de hormona antidiurética
ptt = púrpura trombótica trombocitopénica
pti = púrpura trombocitopénica
shu = síndrome hemolítico urémico
epi = enfermedad pulmonar intersticial | fibrosis pulmonar
saos = apnea del sueño | síncope respiratorio
toc = trastorno obsesivo-compulsivo
tdah = déficit de atención | hiperactividad
tsh = tiroides | tiroideo | hipotiroidismo | hipertiroidismo
uci = cuidados intensivos
im = intramuscular
iv = intravenoso | intravenosa | endovenoso
fiebre = febril | pirexia
dolor de cabeza = cefalea
mareo = vértigo
sangrado = hemorragia | hemorrágico
cansancio = astenia | fatiga
pérdida de peso = adelgazamiento | caquexia
vómito = emesis
falta de aire = disnea
tos = tusígeno
picor = prurito
hinchazón = edema
moratón = hematoma | equimosis
ictericia = colestasis | bilirrubina
sudoración = diaforesis
desmayo = síncope | pérdida de conciencia | pérdida de consciencia
convulsión = crisis comicial | epilepsia | epiléptico
temblor = parkinson | parkinsonismo
niño = niña | pediátrico | lactante | escolar
embarazada = gestante | gestación | embarazo
parto = puerperio | puérpera
menopausia = menopáusica | posmenopáusica
anciano = anciana | geriátrico
fumador = fumadora | tabaco | tabaquismo
alcohol = alcohólico | enolismo | etilismo
riñón = renal | nefrológico
hígado = hepático | hepatopatía
corazón = cardíaco | cardíaca | miocardio
pulmón = pulmonar
estómago = gástrico | gástrica
hueso = óseo | ósea
ojo = ocular | oftalmológico
piel = cutáneo | cutánea | dérmico
oído = ótico | otitis
garganta = faríngeo | faringitis | faringe
ganglio = adenopatía | ganglionar | linfadenopatía
cáncer = neoplasia | tumor | carcinoma | maligno
operación = cirugía | quirúrgico | intervención
medicamento = fármaco | medicación | tratamiento
nació | nacido | nacida -> fecha de nacimiento
vive | dirección | calle -> domicilio, calle, avenida
edad | años tenía -> edad, años
correo electrónico | correo -> email, e-mail, correo electrónico, remitido por
teléfono -> tel, teléfono, tfno, móvil
médico | doctor | doctora -> médico, dr, dra, remitido por
ingreso | ingresó -> fecha de ingreso, ingresado
alta -> fecha de alta, alta hospitalaria
born | birthday -> date of birth, dob
address | lives | live -> address, street
email | e-mail -> email, e-mail
htn = hypertension | high blood pressure
mi = myocardial infarction | heart attack
chf = heart failure | congestive heart failure
af = atrial fibrillation
copd = chronic obstructive pulmonary disease
tia = transient ischemic attack
cva = stroke
dvt = deep vein thrombosis
pe = pulmonary embolism
uti = urinary tract infection
ckd = chronic kidney disease
gerd = gastroesophageal reflux | heartburn
ibd = inflammatory bowel disease
ra = rheumatoid arthritis
sle = systemic lupus erythematosus
hiv = human immunodeficiency virus
tb = tuberculosis
ct = computed tomography
mri = magnetic resonance imaging
ecg = ekg | electrocardiogram
nsaid = nsaids | anti-inflammatory
"""


Group = tuple[str, ...]
"""The terms that documents may hold one word of a question as."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """asked: words that all occur in a question where it applies. said: what to look for then."""

    asked: tuple[Group, ...]
    said: tuple[str, ...]


def other_wording(asked: Sequence[Group]) -> tuple[str, ...]:
    """Phrases in which documents may say what a question of these words asks for, if any is known."""
    terms = {term for group in asked for term in group}
    fitting = (
        rule.said for rule in _rules() if all(not terms.isdisjoint(group) for group in rule.asked)
    )
    return tuple(dict.fromkeys(phrase for said in fitting for phrase in said))


@cache
def _rules() -> tuple[_Rule, ...]:
    blocks = (block.replace("\n  ", " ").strip() for block in (_LAW, _MEDICINE))
    lines = (line for block in blocks for line in block.splitlines())
    return tuple(rule for line in lines for rule in _read(line) if rule.asked)


def _read(line: str) -> Iterator[_Rule]:
    if " -> " in line:
        asked, said = line.split(" -> ")
        phrases = tuple(said.split(", "))
        yield from (_Rule(_groups(phrase), phrases) for phrase in asked.split(" | "))
        return
    same = tuple(part for side in line.split(" = ") for part in side.split(" | "))
    for phrase in same:
        yield _Rule(_groups(phrase), tuple(other for other in same if other != phrase))


def _groups(phrase: str) -> tuple[Group, ...]:
    return tuple(group for word in question_words(phrase, "") for group in word.terms)
