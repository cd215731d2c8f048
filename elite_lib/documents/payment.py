"""How a bill is paid: the EPC ("SEPA") QR code of a transfer, or the announcement of a debit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import segno
from stdnum import iban as stdnum_iban

from elite_lib import formats
from elite_lib.documents.facts import home_values
from elite_lib.documents.fonts import plain
from elite_lib.documents.page import CONTENT, LEFT
from elite_lib.documents.pen import MM, WHITE, Colour, Pen
from elite_lib.documents.table import legible, tint
from elite_lib.documents.template import Template, default
from elite_lib.models import Establishment, Invoice, InvoiceKind, PaymentMode, Resident

_SQUARE = 33 * MM  # of the code with its quiet zone; 0.67 mm a module at version 6
_QUIET = 4  # modules around the code (ISO/IEC 18004)
_INSET = 1.2 * MM  # of the white square in the block
_SIZE, _LEADING = 9.0, 12.5
_SMALLEST, _LARGEST = Decimal("0.01"), Decimal("999999999.99")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """The block at the foot of the last page."""

    heading: str
    lines: tuple[str, ...]
    qr: tuple[bytes, ...] = ()  # rows of modules, 1 is dark

    @property
    def height(self) -> float:
        text = 12 + _LEADING * (1 + len(self.lines))
        return (max(text, _SQUARE + 2 * _INSET) if self.qr else text) + 3 * MM

    def draw(self, pen: Pen, top: float, accent: Colour) -> None:
        """Draw the block with its upper edge at ``top``."""
        top += 3 * MM
        height = self.height - 3 * MM
        pen.band(LEFT, top, CONTENT, height=height, colour=tint(accent))
        x = LEFT + 4 * MM
        if self.qr:
            edge = (height - _SQUARE) / 2
            module = _SQUARE / (len(self.qr) + 2 * _QUIET)
            inner = edge + _QUIET * module
            pen.band(LEFT + edge, top + edge, _SQUARE, height=_SQUARE, colour=WHITE)
            pen.modules(LEFT + inner, top + inner, module * len(self.qr), rows=self.qr)
            x += _SQUARE + edge
        width = LEFT + CONTENT - x - 4 * MM
        y = top + (height - _LEADING * len(self.lines)) / 2 + 2.5
        pen.text(x, y, self.heading, size=10, width=width, bold=True, colour=legible(accent))
        for line in self.lines:
            y += _LEADING
            pen.text(x, y, line, size=_SIZE, width=width)


def payment_of(
    invoice: Invoice,
    *,
    resident: Resident | None,
    establishment: Establishment,
    template: Template | None = None,
) -> Payment:
    """Say how ``invoice`` is paid.

    A credit balance never gets a QR code, nor does a direct debit: it would be paid twice.
    """
    words = template or default()
    nothing = words["payment.nothing_due"]
    if invoice.net < 0:
        owed = {"montant": formats.amount(-invoice.net)}
        return Payment(heading=words.said("payment.credit", owed), lines=(nothing,))
    if invoice.net == 0 or invoice.kind is InvoiceKind.CREDIT_NOTE:
        return Payment(heading=nothing, lines=())
    mode = invoice.payment_mode
    if mode is PaymentMode.UNSET and resident is not None:
        mode = resident.payment_mode
    if mode is PaymentMode.UNSET:
        mode = PaymentMode.TRANSFER
    values = _values(invoice, resident, establishment)
    heading = ""
    qr: tuple[bytes, ...] = ()
    if mode is PaymentMode.TRANSFER and (iban := valid_iban(establishment.iban)):
        # one with wrong check digits is not printed: nobody could pay to it
        values["iban"] = _grouped(iban)
        qr = _modules(epc_payload(establishment, iban, amount=invoice.net, reference=invoice.number))
        heading = words["payment.transfer.scan"] if qr else ""
    return Payment(
        heading=heading or words.said(f"payment.{mode.value}.heading", values),
        lines=words.shown(f"payment.{mode.value}.lines", values),
        qr=qr,
    )


def _values(invoice: Invoice, resident: Resident | None, establishment: Establishment) -> dict[str, str]:
    values = {
        **home_values(establishment),
        "numero": plain(invoice.number),
        "montant": formats.amount(invoice.net),
        "echeance": formats.date(invoice.due) if invoice.due else "",
    }
    if resident is not None:
        signed = formats.date(resident.mandate_date) if resident.mandate_date else ""
        values |= {"rum": plain(resident.rum), "mandat": signed}
    return values


def valid_iban(text: str) -> str:
    """Return the compact IBAN when length, structure and check digits are right (ISO 13616), else ""."""
    return str(stdnum_iban.compact(text)) if stdnum_iban.is_valid(text) else ""


def epc_payload(establishment: Establishment, iban: str, *, amount: Decimal, reference: str) -> str:
    """Write the text of a payment QR code (EPC069-12, version 002); "" when its limits do not allow one."""
    lines = (
        "BCD",
        "002",
        "1",  # UTF-8
        "SCT",
        plain(establishment.bic).replace(" ", ""),
        plain(establishment.name)[:70],
        iban,
        f"EUR{amount:.2f}",
        "",  # purpose
        "",  # structured remittance
        plain(reference)[:140],
    )
    payload = "\n".join(lines)
    allowed = _SMALLEST <= amount <= _LARGEST and len(payload.encode()) <= 331
    return payload if allowed else ""


def _modules(payload: str) -> tuple[bytes, ...]:
    if not payload:
        return ()
    # EPC069-12 asks for level M. Any of the eight masks can be read; trying them all, and raising the
    # level when there is room, takes four times as long.
    code = segno.make(payload, error="m", mask=3, boost_error=False, encoding="utf-8", micro=False)
    return tuple(bytes(row) for row in code.matrix)


def _grouped(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
