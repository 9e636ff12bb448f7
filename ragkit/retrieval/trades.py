"""How contracts and medical papers say what people ask for: the knowledge of two trades, as plain lists.

"asked | asked -> said, said": where a question says one of the left, documents may say the right.
"one = other | other": the same thing by several names, each leading to the others. A phrase is found
word by word in this order, bent in any way, with nothing but small words in between; an abbreviation
in capitals only as it stands here, since "im", "am" and "pe" are also words or parts of them. By the
language of the question.
"""

from __future__ import annotations

LAW = {
    "en": """governing law | applicable law | choice of law | law governs | law applies | law | interpreted ->
  governed by, construed, interpreted, accordance with the laws of the State, without regard to conflict
  of laws principles
jurisdiction | court | dispute | arbitration | litigation -> exclusive jurisdiction, courts, venue,
  arbitration
cap on liability | liability cap | limit on liability | limitation of liability | liability limited |
  liability capped | limits liability | limit liability -> in no event shall, liable, aggregate liability,
  exceed, amount paid, consequential, indirect, incidental damages
uncapped | unlimited liability | liability uncapped | unlimited in liability -> limitation shall not
  apply, except for, indemnification, breach of confidentiality, gross negligence, willful misconduct
liability | liable -> in no event shall, liable, aggregate liability, damages
cap | ceiling -> exceed, maximum, aggregate
consequential damages -> indirect, incidental, special, punitive, lost profits
liquidated damages | fixed sum | agreed sum | penalty -> liquidated damages, termination fee, late payment
  charge, per day, pay to
non-compete | noncompete | not to compete | not compete | compete | competition -> shall not compete,
  directly or indirectly, engage in, competing, competitive business, territory
exclusive | exclusivity -> exclusive, sole, exclusively, solely, shall not appoint, other third party
non-solicit | non-solicitation | solicit | soliciting | hire | hiring | poach -> solicit, hire, employ,
  induce, employees, leave the employment
solicit customers | soliciting customers | solicit clients | customer non-solicit -> solicit, customers,
  clients, business relationship, divert
disparage | disparagement | non-disparagement -> disparage, derogatory, adversely reflect, reputation,
  goodwill
assign | assignment | assignable | anti-assignment | transfer the agreement | transfer the contract ->
  assign, transfer, delegate, prior written consent, successors and permitted assigns, without the consent
change of control | change in control | acquired | acquisition | merger | takeover -> change of control,
  merger, consolidation, acquisition, sale of substantially all assets, voting securities, majority
terminate for convenience | termination for convenience | for convenience | without cause | without giving a
  reason | for any
  reason | without reason -> terminate at any time, for any reason, without cause, days prior written notice
terminate | termination | end the agreement | end the contract | cancel -> terminate, termination, written
  notice, material breach, days
after termination | after expiry | after expiration | post-termination | survive termination | survive
  expiration | survive expiry ->
  upon
  termination or expiration, survive, following termination, return, wind-down, thereafter
renew | renewal | extended | extension -> renew, renewal term, automatically, successive, additional
  periods, extend
non-renewal | notice of renewal | stop renewal | prevent renewal | not to renew -> written
  notice, days prior to the expiration, intention not to renew, renewal
expire | expiration | expiry | end date | date end | initial term | duration | how long -> term, initial
  term, continue in effect, expire, years from the date, unless earlier terminated
effective date | take effect | come into effect | come into force | become effective | effective from | start
  date | commencement -> effective date, effective as of, commence, commencing on, shall become effective
signed | entered into | agreement date | date of the agreement | date of the contract -> dated as
  of, entered into as of, made this day of, date first written above, day of
insurance | insured -> insurance, commercial general liability, policy, coverage, per occurrence,
  certificate of insurance, additional insured
audit | inspect the books | inspect records -> audit, inspect, books and records, examine, auditors, upon
  reasonable notice
licence | license | licensed -> grants, hereby grants, license, right to use, royalty-free, non-exclusive
irrevocable | perpetual -> perpetual, irrevocable, in perpetuity
transferable | non-transferable | transfer the license -> non-transferable, nontransferable,
  non-assignable, sublicense, without the right to
sublicense -> sublicense, sublicensable, sublicensees
affiliate -> affiliates, subsidiaries, its affiliates, members of the group
unlimited usage | unlimited use | enterprise-wide | unlimited license -> unlimited, enterprise, without
  limitation as to number, unlimited runs, copies, users
IP ownership | ownership of IP | own IP | ownership of intellectual property |
  assignment of IP | work made for hire -> right title and interest, shall own, hereby assigns, work made
  for hire, inventions, sole and exclusive property
joint ownership | jointly own | jointly owned | co-own | joint IP -> jointly own, joint ownership, jointly
  owned, equal undivided interest, joint inventions
source code | escrow -> source code, escrow, release conditions
covenant not to sue | not to sue | not to challenge | no-challenge | contest validity -> not contest,
  challenge, validity, ownership, dispute, release, waive claims
third party beneficiary | third-party beneficiary | third party rights | rights of third parties ->
  third party beneficiary, no other person, benefit of, confer any rights
most favored nation | most-favored-nation | most favoured | MFN | better terms | best price -> most favored,
  no less favorable, as favorable, lower price, other customers, third parties
first refusal | first offer | first negotiation | ROFR | ROFO | ROFN -> right of first refusal, right of
  first offer, first negotiation, option, notify, matching offer, good faith negotiate
minimum order | minimum purchase | minimum commitment | minimum payment | minimum quantity | minimum ->
  minimum, at
  least, shall purchase, guaranteed, not less than, annual minimum, quota
volume restriction | volume limit | usage limit | limit on use | volume -> not exceed, maximum, up
  to, in excess of, additional fee, number of
price | prices | pricing -> price, increase, adjust, fees, not exceed, percent, consumer price index
revenue sharing | profit sharing | share revenue | share profits | share of profits | royalty -> royalty,
  percent of net sales, gross revenues, commission, shall pay, profit
warranty | warranties | warranted -> warrants, warranty period, free from defects, months from, days after
indemnity | indemnify | indemnification | hold harmless -> indemnify, defend and hold harmless, losses,
  claims
confidential | confidentiality | secrecy | non-disclosure | NDA -> confidential information, disclose,
  non-disclosure, secrecy
exception | carve-out -> except, notwithstanding, provided however, shall not apply, other than, excluding
force majeure | act of god -> force majeure, beyond reasonable control, acts of God
payment terms | payment due | pay | fee -> payable, invoice, days of receipt, shall pay
rent -> rent, monthly, payable in advance
notice period | period of notice | how much notice -> days, months, prior written notice
IP = intellectual property
""",
    "es": """
ley rige | ley aplicable | derecho aplicable | legislación aplicable -> se regirá, legislación, leyes,
  interpretará conforme
responsabilidad -> responsabilidad, no excederá, máximo, daños indirectos, lucro cesante
preaviso -> preaviso, antelación, días, notificación por escrito
resolver | rescindir | resolución | terminar el contrato -> resolver, resolución, rescindir,
  incumplimiento, desistimiento
renta | alquiler -> renta, mensual, arrendamiento, arrendatario
prórroga | renovar | renovación -> prorrogará, prórroga, automáticamente, renovación
duración | vigencia | plazo del contrato -> duración, vigencia, plazo, años, desde la fecha
cesión | ceder | subarrendar -> ceder, cesión, subarrendar, consentimiento previo
confidencialidad | secreto -> confidencial, revelar, divulgar, secreto
fianza | depósito -> fianza, depósito, garantía, mensualidades
indemnización | penalización -> indemnización, penalización, cláusula penal, daños y perjuicios
no competencia | competir | competencia desleal -> no competir, competencia, exclusividad
""",
}

PERSONS = {
    "es": """
nació | nacido | nacida -> fecha de nacimiento
vive | dirección | calle -> domicilio, calle, avenida
dirección ip | dirección de correo | dirección web -> dirección
edad | años tenía -> edad, años
correo electrónico | correo -> email, e-mail, correo electrónico, remitido por
teléfono -> tel, teléfono, tfno, móvil
""",
    "en": """
born | birthday | birth date -> date of birth, dob
where lives | where live | home address | postal address | address -> address, street
ip address | web address | email address | e-mail address -> address
email | e-mail -> email, e-mail
""",
}

MEDICINE = {
    "es": """
lupus = lupus eritematoso sistémico | LES
hta = hipertensión arterial | presión arterial alta | tensión alta | hipertenso | hipertensa
TA = tensión arterial | presión arterial
hipota = hipotensión | hipotenso
DM = diabetes mellitus | diabético | diabética
epoc = enfermedad pulmonar obstructiva crónica | bronquitis crónica
IAM = infarto agudo de miocardio | infarto
scacest = elevación del st | elevación del segmento st
IC = insuficiencia cardíaca | insuficiencia cardiaca
FA = fibrilación auricular
FC = frecuencia cardíaca
TEP = tromboembolismo pulmonar | embolia pulmonar
TVP = trombosis venosa profunda
ACV = ictus | accidente cerebrovascular
AIT = accidente isquémico transitorio
IRC = enfermedad renal crónica | insuficiencia renal crónica
IRA = insuficiencia renal aguda | fracaso renal agudo
ITU = infección urinaria | infección del tracto urinario
vih = virus de la inmunodeficiencia humana | sida
VHB = hepatitis b | hbsag
VHC = hepatitis c
VEB = epstein-barr | mononucleosis
CMV = citomegalovirus
TBC = tuberculosis
EII = enfermedad inflamatoria intestinal | enfermedad de crohn | colitis ulcerosa
AR = artritis reumatoide
EA = espondilitis anquilosante
HBP = hiperplasia benigna de próstata | hipertrofia prostática
PSA = antígeno prostático
EM = esclerosis múltiple
ELA = esclerosis lateral amiotrófica
TCE = traumatismo craneoencefálico
TC = tac | tomografía computarizada | tomografía axial
RM = rmn | resonancia magnética
ecg = electrocardiograma | electrocardiográfico
EEG = electroencefalograma
EMG = electromiograma | electromiografía
ECO = ecografía | ultrasonografía
RX = radiografía | radiológico
cpre = colangiopancreatografía
paaf = punción aspiración con aguja fina | punción aspiración
LCR = líquido cefalorraquídeo
LMA = leucemia mieloide aguda
LLA = leucemia linfoblástica aguda
LLC = leucemia linfática crónica
LMC = leucemia mieloide crónica
aines = antiinflamatorios no esteroideos | antiinflamatorio | ibuprofeno | diclofenaco
AAS = ácido acetilsalicílico | aspirina
ieca = inhibidores de la enzima convertidora | enalapril | lisinopril | ramipril
ARA = losartán | valsartán
isrs = inhibidores de la recaptación de serotonina | paroxetina | fluoxetina | sertralina
hbpm = heparina de bajo peso molecular | enoxaparina
ACO = anticonceptivos orales | anticonceptivo
THS = tratamiento hormonal sustitutivo
GEA = gastroenteritis
RGE = erge | reflujo gastroesofágico | pirosis
siadh = secreción inadecuada de hormona antidiurética
PTT = púrpura trombótica trombocitopénica
PTI = púrpura trombocitopénica
SHU = síndrome hemolítico urémico
EPI = enfermedad pulmonar intersticial | fibrosis pulmonar
saos = apnea del sueño
TOC = trastorno obsesivo-compulsivo
tdah = déficit de atención | hiperactividad
TSH = tiroides | tiroideo | hipotiroidismo | hipertiroidismo
UCI = cuidados intensivos
IM = intramuscular
IV = intravenoso | intravenosa | endovenoso
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
médico | doctor | doctora -> médico, dr, dra, remitido por
ingreso | ingresó | ingresado -> fecha de ingreso, ingresado
fecha de alta | el alta | del alta | de alta | alta médica | alta hospitalaria -> fecha de alta, alta
  hospitalaria
""",
    "en": """
htn = hypertension | high blood pressure
MI = myocardial infarction | heart attack
CHF = heart failure | congestive heart failure
AF = atrial fibrillation
copd = chronic obstructive pulmonary disease
TIA = transient ischemic attack
CVA = stroke
DVT = deep vein thrombosis
PE = pulmonary embolism
UTI = urinary tract infection
CKD = chronic kidney disease
gerd = gastroesophageal reflux | heartburn
IBD = inflammatory bowel disease
RA = rheumatoid arthritis
SLE = systemic lupus erythematosus
hiv = human immunodeficiency virus
TB = tuberculosis
CT = computed tomography
mri = magnetic resonance imaging
EKG = ecg | electrocardiogram
nsaid = nsaids | anti-inflammatory
""",
}
