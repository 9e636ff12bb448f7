"""What facts and kinds of documents are called in a summary: JSON has the codes, pages these words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

_SPANISH_FACTS: Mapping[str, str] = {
    "patient": "paciente",
    "party": "parte",
    "person": "persona",
    "birth date": "fecha de nacimiento",
    "record number": "número de historia clínica",
    "date": "fecha",
    "admission": "ingreso",
    "discharge": "alta",
    "review": "revisión",
    "allergy": "alergia",
    "diagnosis": "diagnóstico",
    "medication": "medicación",
    "effective date": "entrada en vigor",
    "expiry": "vencimiento",
    "deadline": "plazo límite",
    "term": "duración",
    "notice period": "preaviso",
    "governing law": "ley aplicable",
    "amount": "importe",
    "liability cap": "límite de responsabilidad",
    "purchase price": "precio de compra",
    "loan": "préstamo",
    "rent": "renta",
    "salary": "salario",
    "price": "precio",
    "fee": "honorarios o cuota",
    "deposit": "fianza",
    "settlement": "transacción",
    "milestone payment": "pago por hito",
    "royalty": "canon",
    "minimum": "mínimo",
    "rate": "tarifa",
    "payment": "pago",
    "charge": "recargo",
    "compensation": "retribución",
    "bonus": "prima",
    "expenses": "gastos",
    "cost": "coste",
    "cap": "tope",
    "penalty": "penalización",
    "damages": "indemnización",
    "deductible": "franquicia",
    "insurance": "seguro",
    "reimbursement": "reembolso",
    "dividend": "dividendo",
    "total": "total",
}
_SPANISH_RHYTHMS: Mapping[str, str] = {
    "monthly": "por mes",
    "annual": "por año",
    "hourly": "por hora",
}
"""Said after what it is of, so that it needs no gender."""

_PLURALS: Mapping[str, str] = {
    "power of attorney": "powers of attorney",
    "policy": "policies",
    "minutes": "minutes",
    "notes": "notes",
    "other": "other",
}
"""Of English kinds that do not take an s."""
_SPANISH_KINDS: Mapping[str, tuple[str, str]] = {
    "amendment": ("modificación de contrato", "modificaciones de contrato"),
    "lease": ("arrendamiento", "arrendamientos"),
    "power of attorney": ("poder notarial", "poderes notariales"),
    "will": ("testamento", "testamentos"),
    "discharge letter": ("informe de alta", "informes de alta"),
    "referral letter": ("carta de derivación", "cartas de derivación"),
    "consent form": ("consentimiento informado", "consentimientos informados"),
    "lab report": ("informe de laboratorio", "informes de laboratorio"),
    "radiology report": ("informe radiológico", "informes radiológicos"),
    "operation report": ("informe quirúrgico", "informes quirúrgicos"),
    "clinical note": ("nota clínica", "notas clínicas"),
    "protocol": ("protocolo", "protocolos"),
    "invoice": ("factura", "facturas"),
    "minutes": ("acta", "actas"),
    "policy": ("política", "políticas"),
    "judgment": ("sentencia", "sentencias"),
    "memorandum": ("memorando", "memorandos"),
    "letter": ("carta", "cartas"),
    "email": ("correo electrónico", "correos electrónicos"),
    "notes": ("notas", "notas"),
    "contract": ("contrato", "contratos"),
    "report": ("informe", "informes"),
    "article": ("artículo", "artículos"),
    "table": ("tabla", "tablas"),
    "presentation": ("presentación", "presentaciones"),
    "other": ("otro", "otros"),
}


def fact_name(name: str, language: str) -> str:
    """'amount: monthly rent' is 'importe: renta por mes' in Spanish; what has no word stays."""
    if language != "es":
        return name
    base, colon, purpose = name.partition(": ")
    rhythm, _, rest = purpose.partition(" ")
    if rhythm in _SPANISH_RHYTHMS:
        told = f"{_SPANISH_FACTS.get(rest, rest)} {_SPANISH_RHYTHMS[rhythm]}"
    else:
        told = _SPANISH_FACTS.get(purpose, purpose)
    return f"{_SPANISH_FACTS.get(base, base)}{colon}{told}"


def kind_name(kind: str, language: str, count: int = 1) -> str:
    """'discharge letter', 'informes de alta'; one that a pattern of paths gave stays as it is."""
    if language == "es":
        forms = _SPANISH_KINDS.get(kind)
        return forms[count != 1] if forms else kind
    if count == 1 or kind not in _SPANISH_KINDS:  # a kind of the user's own is no word to bend
        return kind
    return _PLURALS.get(kind, f"{kind}s")
