"""Everyday words of contracts and clinical texts that may stand for each other, English and Spanish.

One group a line. They only count towards support: what a group holds is near enough for a sentence to
be about the same thing, and what must be exact (numbers, names, negations, modals, roles, opposites) is
compared without them.
"""

from __future__ import annotations

from ragkit.verification.words import stem

_GROUPS = """
agreement contract lease licence
begin start commence onset initial first inicio comienzo empezar comenzar
end terminate expire cease stop finish terminar finalizar
pay paid payable payment reimburse settle remit abonar pagar
give provide supply furnish deliver grant offer dar proporcionar suministrar entregar
use used utilize employ exploit usar emplear utilizar
buy purchase acquire comprar adquirir
sell transfer convey vender transmitir
keep kept maintain retain preserve hold mantener conservar
change amend modify alter adjust vary modificar
inform notify notice tell disclose communicate advise informar notificar avisar comunicar
show shown demonstrate reveal display indicate suggest evidenciar mostrar revelar
see observe notice view ver apreciar observar objetivar visualizar evidenciar
find found detect identify discover encontrar hallar identificar detectar hallazgo
get obtain receive collect gain acquire obtener recibir tomar
need require necesitar precisar requerir hacer
assist help aid support ayudar asistir
allow permit let enable authorize permitir autorizar
forbid prohibit ban prohibir
illness disease disorder condition sickness enfermedad patologia trastorno cuadro
medicine medication drug medicamento farmaco
physician doctor clinician medico facultativo
operation surgery procedure intervention operar operacion cirugia intervencion intervenido quirurgica
treatment therapy tratamiento terapia tratar
child children pediatric nino nina hijo
people person individual patient subject participant persona paciente individuo
man male varon hombre
woman female mujer
kidney renal rinon
heart cardiac corazon cardiaco
liver hepatic higado hepatico
lung pulmonary pulmon pulmonar
brain cerebral cerebro
cancer malignant tumor neoplasm carcinoma tumour cancerous malignancy tumoral neoplasia
benign noncancerous benigno
grow growth increase rise crecer crecimiento aumentar aumento subir incrementar incremento elevar
decrease reduce decline lower fall drop disminuir reducir bajar descender
big large great high major grande
small little low minor slight pequeno leve
many several multiple numerous number varios muchos multiples
all every each entire whole total complete full todo cada entero completo
main principal chief primary important
usual common frequent typical normal habitual frecuente comun
often usually typically commonly frequently generalmente suele soler general
rare seldom infrequent raro
enough sufficient adequate suficiente
right correct true proper correcto
good well bien bueno buen adecuado
bad poor badly mal malo desfavorable desfavorablemente
difficult hard trouble dificil problem problema
easy simple facil sencillo
quick fast rapid prompt immediately once rapido inmediato
cost price fee charge expense coste precio gasto honorario
law legal statute ley legislacion
court tribunal juzgado
govern rule regulate regir regular
sign execute firmar suscribir
duty obligation responsibility responsible liable liability bear obligacion responsable
breach violate violation infringe default incumplir incumplimiento
damage loss harm injury destruction dano perjuicio
demand request ask solicitar pedir requerir reclamar
decide determine conclude decidir
compare versus comparison comparar frente
study trial research investigate explore examine estudio estudiar investigar
evaluate assess test check survey analysis analyze evaluar analizar comprobar valorar
respond answer reply responder
measure quantify medir
cause lead produce induce result due because reason causar producir provocar ocasionar debido motivo
prevent avoid impede prevenir evitar
include contain comprise involve consist incluir contener constar
exclude omit omitted except left excluir
related associated linked connected relacionado asociado
own belong title owner propiedad
live reside domicile domiciled based located address vivir domicilio
company corporation firm business empresa sociedad compania
store stock archive file almacenar guardar
year annual yearly ano anual
month monthly mes mensual
week weekly semana semanal
day daily dia diario
home house domicilio domiciliario casa
before prior previous earlier past antes previo previamente anterior
after later subsequent following then afterwards posterior despues tras posteriormente siguiente
during while throughout durante mientras
put set place locate colocar poner situar
remove extract resect excise extirpar resecar exeresis quitar retirar
fill complete rellenar
dead death die mortality fatal muerte fallecer mortalidad
age old edad anos
area region zone zona
bone osseous hueso oseo
pain ache painful dolor doloroso
fever febrile fiebre febril
blood hemorrhage bleeding hematic sangre sangrado hemorragia hematica
image imaging scan imagen
diagnose diagnosis diagnosticar diagnostico
suspect suspicion sospecha sospechar
confirm verify confirmar
discharge released alta
admit admission ingreso ingresar
refer send remitir derivar
improve better recover mejorar mejoria
worse worsen deteriorate empeorar
continue ongoing remain seguir continuar
maximum most limit maximo limite
minimum least minimo
must needed necessary necesario preciso
exclusive sole only solely exclusivo unico solo
copy counterpart ejemplar copia
deem treat consider regard considerar
same identical one mismo
written writing escrito
term period duration plazo duracion periodo
want wish intend desire querer desear
try attempt intentar
name call known denominar llamar llamado
mean define refer definition significar
believe think creer pensar
know aware saber conocer
appear seem occur happen develop present aparecer ocurrir suceder presentar desarrollar
attack crisis brote episode episodio
sign symptom manifestation signo sintoma
choose select elegir
assign allocate randomize
formed form formar formado
supervise monitor vigilar vigilancia control controlar seguir
lawyer attorney counsel abogado
employee staff worker personnel trabajador empleado
differ difference different various diferencia diferente diferir distinto
likely probable probably tend probable
below less under inferior menor menos
above greater more exceed over superior mayor mas
spread extend extender extension
evolve evolution course evolucion evolucionar
swell inflammation inflamacion inflamatorio
tired fatigue asthenia cansancio astenia
vomit emesis
eye ocular ojo
tooth dental diente
skin cutaneous piel
mouth oral boca
come came arrive llegar venir
see seen saw
give gave given
take took taken
send sent
hold held
find found
begin began begun
leave left
lose lost losing
write wrote written
choose chose chosen
wear wore worn
know knew known
fall fell fallen
grow grew grown
rise rose risen
build built
mean meant
tell told
buy bought
sell sold
lead led
bring brought
drive drove driven
break broke broken
speak spoke spoken
bear bore borne
treat tratar tratado
ver visto verse
"""

ROLE_GROUPS = """
tenant lessee arrendatario inquilino
landlord lessor arrendador
buyer purchaser comprador
seller vendor vendedor
supplier provider proveedor
customer client cliente
employee worker executive empleado trabajador
employer empleador
company corporation sociedad empresa compania
lender bank prestamista
borrower prestatario
licensor licenciante
licensee licenciatario
distributor distribuidor
manufacturer fabricante
contractor contratista
consultant consultor
agent agente
processor encargado
controller
franchisor franquiciador
franchisee franquiciado
guarantor garante avalista fiador
trustee fiduciario
shareholder stockholder accionista
insurer asegurador
insured asegurado
assignor cedente
assignee cesionario
doctor physician clinician medico facultativo
nurse enfermera enfermero
surgeon cirujano
mother madre
father padre
parents padres
wife esposa
husband marido esposo
hijo
daughter hija
brother hermano
sister hermana
court judge tribunal juzgado
sponsor patrocinador
subscriber suscriptor
recipient destinatario receptor
"""
"""Words for a part that someone plays, and the same part in other words."""


def _numbered() -> dict[str, frozenset[int]]:
    groups: dict[str, set[int]] = {}
    for number, line in enumerate((_GROUPS + ROLE_GROUPS).split("\n")):
        for word in line.split():
            groups.setdefault(stem(word), set()).add(number)
    return {one: frozenset(numbers) for one, numbers in groups.items()}


GROUPS_OF = _numbered()
"""Stem -> the groups that hold it."""
