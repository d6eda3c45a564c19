#!/usr/bin/env python3
"""Writes platform/catalogue.xml, the books of the sequences that stand beside it.

    python3 make_platform.py           write the file
    python3 make_platform.py --check   write nothing; exit 1 if the file would change

Python 3.8 and its standard library are enough, and the same bytes come out each time. No book, person or
publisher in it exists.

There are 110 publications, so that a full synchronisation has three pages, and every fifth has a PDF beside its EPUB. DEMO1 has a
table of contents, DEMO2 prices in several countries and one to come, DEMO3 a key of its sender's own.
"""

import sys
from pathlib import Path

FILE = Path(__file__).resolve().parent / "platform" / "catalogue.xml"
PUBLICATIONS = 110
PUBLISHERS = [("Éditions du Phare", "Entrepôt Onyx", "fre"), ("Casa Marina", "Distribuciones Faro", "spa")]
FORMATS = {"epub": ("E101", 1), "pdf": ("E107", 2)}
CHAPTERS = [("1", "Le départ", 7), ("2", "La traversée & le vent", 41), ("10", "L’arrivée", 98)]
EURO = [("04", "EUR", "FR BE ES", None, None)]
MANY = [
    ("04", "EUR", "FR", None, "20261231"),
    ("04", "EUR", "FR", "20270101", None),
    ("04", "EUR", "BE LU", None, None),
    ("02", "JPY", "JP", None, None),
    ("41", "USD", "US", None, None),
]


def element(name, *content):
    return f"<{name}>{''.join(content)}</{name}>"


def isbn(number, digit):
    """Thirteen digits of a group that nobody has been given."""
    body = f"97899999{number:03}{digit}"
    total = sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(body))
    return f"{body}{-total % 10}"


def main():
    new = message()
    if "--check" in sys.argv:
        return int(not FILE.exists() or FILE.read_text("utf-8") != new)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(new, "utf-8")
    return 0


def message():
    products = [product(n, word) for n in range(1, PUBLICATIONS + 1) for word in formats(n)]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ONIXMessage xmlns="http://ns.editeur.org/onix/3.0/reference" release="3.0">\n'
        + element("Header", element("Sender", element("SenderName", "ONYX")), element("SentDateTime", "20261130T020000Z"))
        + "\n" + "\n".join(products) + "\n</ONIXMessage>\n"
    )


def formats(number):
    return ["epub", "pdf"] if number % 5 == 1 else ["epub"]


def product(number, word):
    publisher, supplier, language = PUBLISHERS[number % 2]
    return element(
        "Product",
        element("RecordReference", f"DEMO{number}-{word}"),
        element("NotificationType", "03"),
        identifiers(number, word),
        descriptive(number, word, language),
        contents() if number == 1 else "",
        element("PublishingDetail", publishing(publisher)),
        element("ProductSupply", supply(number, supplier)),
    )


def identifiers(number, word):
    out = element("ProductIdentifier", element("ProductIDType", "15"), element("IDValue", isbn(number, FORMATS[word][1])))
    if number == 3:
        name = element("IDTypeName", "demo")
        out += element("ProductIdentifier", element("ProductIDType", "01"), name, element("IDValue", "marina.3"))
    return out


def descriptive(number, word, language):
    title = element("TitleElementLevel", "01") + element("TitleText", f"Carnet de mer &amp; de terre, {number}")
    person = element("PersonName", "Ana Sel") + element("PersonNameInverted", "Sel, Ana")
    return element(
        "DescriptiveDetail",
        element("ProductComposition", "00"),
        element("ProductForm", "EA"),
        element("ProductFormDetail", FORMATS[word][0]),
        element("EpubTechnicalProtection", "02" if number % 2 else "03"),
        element("TitleDetail", element("TitleType", "01"), element("TitleElement", title)),
        element("Contributor", element("SequenceNumber", "1"), element("ContributorRole", "A01"), person),
        element("Language", element("LanguageRole", "01"), element("LanguageCode", language)),
        element("Subject", element("SubjectSchemeIdentifier", "93"), element("SubjectCode", "FB")),
    )


def contents():
    """Its chapters, of which the last in number is not the last in text."""
    items = ""
    for sequence, title, page in reversed(CHAPTERS):
        run = element("PageRun", element("FirstPageNumber", str(page)))
        text = element("TextItem", element("TextItemType", "03"), run)
        text_of = element("TitleElementLevel", "04") + element("TitleText", title.replace("&", "&amp;"))
        titled = element("TitleDetail", element("TitleType", "01"), element("TitleElement", text_of))
        items += element("ContentItem", element("LevelSequenceNumber", sequence), text, titled)
    return element("ContentDetail", items)


def publishing(publisher):
    world = element("Territory", element("RegionsIncluded", "WORLD"))
    return (
        element("Publisher", element("PublishingRole", "01"), element("PublisherName", publisher))
        + element("PublishingStatus", "04")
        + element("PublishingDate", element("PublishingDateRole", "01"), element("Date", "20260901"))
        + element("SalesRights", element("SalesRightsType", "01"), world)
    )


def supply(number, supplier):
    prices = "".join(price(n, number, *terms) for n, terms in enumerate(MANY if number == 2 else EURO))
    return element(
        "SupplyDetail",
        element("Supplier", element("SupplierRole", "01"), element("SupplierName", supplier)),
        element("ProductAvailability", "20"),
        prices,
    )


def price(n, number, price_type, currency, countries, start, end):
    amount = str(850 + n) if currency == "JPY" else f"{number % 20 + n}.99"
    dates = [("14", start), ("15", end)]
    dated = [element("PriceDate", element("PriceDateRole", role), element("Date", date)) for role, date in dates if date]
    return element(
        "Price",
        element("PriceType", price_type),
        element("PriceAmount", amount),
        element("CurrencyCode", currency),
        element("Territory", element("CountriesIncluded", countries)),
        *dated,
    )


if __name__ == "__main__":
    sys.exit(main())
