"""Makes the tables of this folder: see README.md. Run where `pip install faker` has been run:
    python3 generate.py
"""

from pathlib import Path

from faker import VERSION
from faker.providers.address.fi_FI import Provider as Address
from faker.providers.person.fi_FI import Provider as Person

OUT = Path(__file__).parent
# Given names and family names that are usual among Swedish-speaking Finns; chosen by hand for the demo.
SWEDISH_GIVEN = """Anders Annika Axel Benita Bengt Birgitta Carina Carl Christian Christina Dan Elin Ellen Emma Erik Eva
Filip Fredrik Gun Gunilla Göran Hanna Heidi Henrik Håkan Ida Ingrid Jan Johan Johanna Karin Kerstin Kristian Lars Lena
Linda Linnéa Lisa Magnus Maja Malin Margareta Maria Marianne Markus Martin Mats Mikael Monica Nina Nils Oskar Patrik Per
Peter Petra Pia Rasmus Robert Sara Sebastian Sofia Stefan Susanne Sven Thomas Tove Ulla Viveca Åke Åsa""".split()
SWEDISH_FAMILY = """Ahlbäck Andersson Backman Berg Berglund Björklund Blomqvist Dahl Eklund Ekman Enqvist Eriksson Finne
Forsman Fagerholm Granholm Grönroos Gustafsson Haglund Hellström Holm Holmberg Häggblom Jansson Johansson Karlsson
Knuts Lindberg Lindholm Lindroos Lindström Lundqvist Malm Mattsson Nordström Norrgård Nyberg Nylund Nyman Ohls Holmqvist
Palm Renlund Rosenlund Sandell Sandström Sjöberg Sjöblom Sjölund Slotte Smeds Snellman Strandberg Sundqvist Söderholm
Söderlund Wikström Westerlund Wiklund Åberg Öhman Österholm""".split()


def write(name, header, rows):
    lines = [f"# {line}" for line in header] + rows
    (OUT / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def weighted(names):
    # Parts of a million, rounded; the tail is never nothing.
    return {name: max(1, round(weight * 1_000_000)) for name, weight in names.items()}


def people():
    rows = [f"female\t{name}\t{weight}" for name, weight in sorted(weighted(Person.first_names_female).items())]
    rows += [f"male\t{name}\t{weight}" for name, weight in sorted(weighted(Person.first_names_male).items())]
    rows += [f"family\t{name}\t{weight}" for name, weight in sorted(weighted(Person.last_names).items())]
    rows += [f"given_sv\t{name}\t1" for name in sorted(set(SWEDISH_GIVEN))]
    rows += [f"family_sv\t{name}\t1" for name in sorted(set(SWEDISH_FAMILY))]
    write("names.tsv", [
        "Finnish names: what it is, the name, its weight (parts of a million for Finnish names, 1 for Swedish ones).",
        f"Source: PyPI `Faker` {VERSION}, fi_FI (MIT), Digital and Population Data Services Agency's frequencies;"
        " Swedish names chosen by hand.",
    ], rows)


# Streets of every town, and of the Swedish-speaking coast.
USUAL = """Asemakatu Hallituskatu Kauppakatu Keskuskatu Kirkkokatu Koulukatu Koivukuja Kuusitie Mäntytie Mansikkatie
Metsäpolku Niittytie Puistokatu Rantatie Rauhankatu Satamakatu Torikatu Vaahterakuja""".split()
USUAL_SV = """Brunnsgatan Fiskargränd Hamngatan Kyrkogatan Köpmansgatan Skolgatan Storgatan Strandvägen Trädgårdsgatan
Björkvägen Granstigen Rönnvägen Åsvägen Ängsvägen""".split()


def streets():
    stems = sorted({prefix.strip() for prefix in Address.street_prefixes if prefix.strip().endswith("n")})
    rows = [f"stem\t{stem}" for stem in stems if " " not in stem]
    rows += [f"fi\t{street}" for street in sorted(USUAL)] + [f"sv\t{street}" for street in sorted(USUAL_SV)]
    write("streets.tsv", [
        "Street names: `stem` is to be followed by `tie`, `katu`, `polku` or `kuja`; `fi` and `sv` are whole names.",
        f"Source: the stems from PyPI `Faker` {VERSION}, fi_FI (MIT); the others chosen by hand.",
    ], rows)


people()
streets()
