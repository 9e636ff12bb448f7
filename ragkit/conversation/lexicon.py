"""The closed lists that follow-ups are told by, in English and Spanish. Lower case, with accents."""

from __future__ import annotations

from ragkit.language import STOP_WORDS


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AUXILIARIES = words(
    "is are was were am be been do does did has have had can could may might must shall should will would"
)
WH = {
    "en": words("what which who whom whose when where why how"),
    "es": words(
        "qué que quién quien quiénes cuándo cuando dónde donde adónde por cómo como cuánto cuánta"
    )
    | words("cuántos cuántas cuánto cuanto cuál cual cuáles"),
}
DETERMINERS = {
    "en": words("the a an"),
    "es": words("el la los las un una unos unas"),
}
PREPOSITIONS = {
    "en": words(
        "about above after against among around at before behind below beneath beside between beyond"
    )
    | words(
        "by despite during except for from in inside into near of off on onto over per since through"
    )
    | words("throughout to toward under until upon via with within without if unless when"),
    "es": words(
        "a al ante bajo con contra de del desde durante en entre hacia hasta para por según sin sobre"
    )
    | words("tras si"),
}
CARRIED_AS_IS = {
    "en": words("in of for under between with on at"),
    "es": words("en de del para con entre según"),
}
"""Prepositions that a name keeps in a question about something else; another becomes "for", "de"."""
TITLES = words(
    "mr mrs ms miss mx dr doctor professor prof sir lady judge señor señora señorita sr sra srta don doña"
    " doctora profesor profesora paciente patient d dª"
)
PERSON_TITLES = TITLES - {"paciente", "patient"}
COMPANY = words(
    "ltd limited llp llc inc plc gmbh sl sa slu ag corp company co bank banco hospital clinic clinics clínica"
    " fundación foundation trust partners group holdings analytics capital foods agreement contract contrato"
    " licence license lease ward limpiezas viveros riegos dental"
)
"""Words in a name that is none of a person."""
DOCUMENTS = words(
    "agreement contract lease licence license amendment addendum letter report summary protocol pathway plan"
    " guide memo notes note deed nda will policy register settlement loan order invoice schedule statement"
    " consent form email record file document card annex appendix exhibit bond charter minutes claim"
    " prescription contrato acuerdo arrendamiento licencia adenda carta informe resumen protocolo plan guía"
    " memorando nota notas escritura poder póliza registro préstamo pedido factura anexo consentimiento"
    " formulario correo documento acta burofax convenio testamento sentencia demanda receta historia expediente"
)
"""Nouns for what can be signed, sent or filed; with a name in or behind them they say which."""
PEOPLE = words(
    "patient tenant landlord buyer seller buyers sellers employee employer client customer supplier lender"
    " borrower guarantor licensee licensor insurer surgeon paciente inquilino inquilina arrendatario"
    " arrendataria arrendador arrendadora comprador compradora vendedor vendedora empleado empleada cliente"
    " prestamista avalista"
)
ROLES = PEOPLE | words(
    "doctor nurse surgeon physician consultant radiologist judge trainee médico médica enfermera enfermero"
    " cirujano cirujana juez jueza socios parties partes"
)
"""Those who do something; what was done is rather what was asked about."""
PLACES = words(
    "calle avenida plaza paseo carretera hospital clínica centro residencia juzgado fundación finca colegio"
    " street road avenue"
)
"""Nouns that are part of the name behind them: "calle Luna", "hospital de Sarrel"."""
PERSON_PRONOUNS = words("he she him her his hers himself herself")
THING_PRONOUNS = words("it its itself")
MANY_PRONOUNS = words("they them their theirs")
POSSESSIVES = words("his her its their")
STANDING_IN = (
    PERSON_PRONOUNS
    | THING_PRONOUNS
    | MANY_PRONOUNS
    | words(
        "i me my mine you your yours we us our ours this that these those such same both all each"
    )
    | words(
        "either neither none any some one ones other others another rest latter former else more"
    )
    | words("first second third fourth fifth last")
    | words("yo tú mí me te nos usted ustedes él ella ellos ellas ello le les lo su sus suyo suya")
    | words(
        "este esta esto estos estas ese esa eso esos esas aquel aquella ambos ambas todo toda todos"
    )
    | words(
        "todas cada ninguno ninguna alguno alguna algunos algunas uno una otro otra otros otras"
    )
    | words("yes no not yeah right sure please hello sí claro perdón hola")
    | words("mismo misma resto primero primera segundo segunda tercero tercera último última más")
)
"""Words that stand for something, or for which of them, and name nothing themselves."""
DEMONSTRATIVES = {
    "en": words("this that these those said such same"),
    "es": words("este esta estos estas ese esa esos esas aquel aquella dicho dicha mismo misma"),
}
OF_DOCUMENTS = words(
    "signed sign signs executed execute dated entered amended amend expire expires expired renew renews renewed"
    " terminate terminates terminated end ends start starts begin begins run runs commence commences"
    " say says mention mentions state states contain contains provide provides govern governed governs"
    " valid cover covers apply applies sent send wrote write"
    " written drafted agreed binding confidential assign assigned"
)
"""Verbs by whose "it" a document is meant rather than what was asked about in it."""
DEEDS = words(
    "buy pay sell owe own agree receive get give hold acquire claim offer repay charge hire employ lend borrow"
    " promise undertake have want need accept refuse assign sublet subcontract"
)
"""Verbs of somebody: by whose "it" a company is meant."""
DOSES = words("dose dosage doses frequency strength route dosis pauta posología frecuencia vía")
"""What a medicine has: its name must be carried along."""
ATTRIBUTES = words(
    "date dates term terms period notice amount price fee fees rent deposit cap limit law court courts"
    " jurisdiction duration deadline penalty interest rate name names address party parties signatory"
    " signatories landlord tenant buyer seller employer employee salary bonus royalty insurance liability"
    " termination renewal confidentiality governing payment warranty indemnity scope purpose status reason"
    " dose dosage doses frequency strength route diagnosis diagnoses treatment medication medications drugs"
    " allergies allergy weight height age pressure result results symptoms plan follow-up prognosis outcome"
    " history surgeon doctor ward hospital findings finding conclusion recommendation side-effects effects"
    " fecha fechas plazo plazos preaviso importe precio renta fianza límite ley juzgado tribunal fuero"
    " duración penalización interés intereses tipo nombre nombres domicilio dirección parte partes firmantes"
    " arrendador arrendatario salario prima seguro responsabilidad terminación prórroga confidencialidad pago"
    " garantía objeto estado motivo dosis pauta posología frecuencia vía diagnóstico diagnósticos tratamiento"
    " medicación alergias alergia peso talla edad tensión resultado resultados síntomas evolución pronóstico"
    " antecedentes cirujano médico hospital hallazgos conclusión recomendación efectos revisión cita alta"
    " ingreso multa sanción cláusula aval precio intolerancias"
)
"""Heads of what is asked for of a document or a person; other nouns are of the kind of "tramadol"."""
MONTHS = words(
    "january february march april may june july august september october november december monday tuesday"
    " wednesday thursday friday saturday sunday enero febrero marzo abril mayo junio julio agosto septiembre"
    " octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo"
)
SPANISH_VERBS = words(
    "tiene tienen está están toma toman lleva llevan puede pueden debe deben necesita paga pagan sigue sabe"
    " vive trabaja mejora padece sufre presenta consta figura incluye cubre vence"
)
"""With these a Spanish question may begin, and so with a capital that is no name's."""
NATIONS = words(
    "scots english spanish french german italian scottish welsh irish portuguese dutch american british"
    " european england wales scotland spain france germany ireland"
)
"""Written with a capital, and naming no document or person: "under English law"."""
JOINERS = words("de del la las los el of and & y e van von da do the for")
"""Small words that stand inside a name."""
LEADS = {
    "en": words("and also but or ok okay so then plus now thanks"),
    "es": words("y e pero o u entonces además también ahora gracias vale bien"),
}
IMPERSONAL = words("hay existe existen había habrá hubo")
"""Spanish verbs that no subject is missing from."""
INDEFINITE = words(
    "documentos pacientes contratos cartas informes personas partes médicos asuntos"
    " documento paciente contrato carta informe persona asunto empresa empresas cláusula cláusulas"
)
"""Nouns by which a Spanish question asks who or which: nothing is missing from it."""
FUNCTION_WORDS = (
    STOP_WORDS["en"]
    | STOP_WORDS["es"]
    | AUXILIARIES
    | frozenset().union(*WH.values(), *PREPOSITIONS.values(), *DETERMINERS.values())
    | words("s cuya cuyo cuáles cuál much many long often does according el la")
)
"""Words that a rewritten question may hold though nobody has said them."""
