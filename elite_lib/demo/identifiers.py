"""Made-up bank and register numbers whose check digits are right, and which nobody holds.

A wrong check digit would make the sample data fail its own checks; a real number could be
somebody's. Bank 99999 and the register numbers in 9999… are attributed to nobody.
"""

from __future__ import annotations

from stdnum import iban as iban_module
from stdnum import luhn
from stdnum.eu import at_02

BANK = "99999"
BIC = "TESTFRPPXXX"


def iban(account: int) -> str:
    """Compose a French IBAN: 5 digits of bank, 5 of branch, 11 of account, RIB key, ISO 7064 digits."""
    branch, number = f"{account % 90000 + 10000:05d}", f"{account:011d}"
    key = 97 - (89 * int(BANK) + 15 * int(branch) + 3 * int(number)) % 97
    bban = f"{BANK}{branch}{number}{key:02d}"
    return f"FR{iban_module.calc_check_digits(f'FR00{bban}')}{bban}"


def siret(siren_stem: str, branch_stem: str = "0001") -> str:
    """Compose a SIRET of 14 digits from the first 8 of a SIREN and a branch of 4 (Luhn, twice)."""
    siren = siren_stem + luhn.calc_check_digit(siren_stem)
    return siren + branch_stem + luhn.calc_check_digit(siren + branch_stem)


def vat_number(siret_number: str) -> str:
    """Compose the French intra-community VAT number of a SIRET's SIREN."""
    siren = siret_number[:9]
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def creditor_id(national: str) -> str:
    """Compose a SEPA creditor identifier (ICS): ``FRkkZZZnnnnnn``."""
    return f"FR{at_02.calc_check_digits(f'FR00ZZZ{national}')}ZZZ{national}"
