#!/usr/bin/env python3
"""Writes platform/catalogue.xml and platform/selling.xml, the books of the sequences that stand beside them.

    python3 make_platform.py           write the files
    python3 make_platform.py --check   write nothing; exit 1 if a file would change

Python 3.8 and its standard library are enough, and the same bytes come out each time. No book, person or
publisher in it exists.

There are 110 publications, so that a full synchronisation has three pages, and every fifth has a PDF beside its EPUB. DEMO1 has a
table of contents, DEMO2 prices in several countries and one to come, DEMO3 a key of its sender's own.

Those of selling.xml are what a sale can come to: every lock and format, a title to come, one that is gone, one that doesn't say how it
is locked, one for nothing, and one of which the number has a wrong check digit.
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "platform"
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
# Name, type of its identifier (list 5) and the identifier itself or a number for one, ProductForm and its detail, EpubTechnicalProtection, ProductAvailability.
SELLING = [
    ("OPEN-epub", "15", 901, "EA", "E101", ["00"], "20"),
    ("LCP-epub", "15", 902, "EA", "E101", ["06"], "20"),
    ("BOTH-epub", "15", 903, "EA", "E101", ["03", "06"], "20"),
    ("URMS-pdf", "15", 904, "EA", "E107", ["07"], "20"),
    ("LIMITED-epub", "15", 905, "EA", "E101", ["03"], "20"),
    ("PALM-mobi", "15", 906, "EA", "E127", ["02"], "20"),
    ("VOICE-audio", "15", 907, "AJ", "A103", ["00"], "20"),
    ("COMING-epub", "15", 908, "EA", "E101", ["02"], "40"),
    ("GONE-epub", "15", 909, "EA", "E101", ["02"], "43"),
    ("SILENT-epub", "15", 910, "EA", "E101", [], "20"),
    ("FREE-epub", "15", 911, "EA", "E101", ["02"], "20"),
    ("TEST-pdf", "03", "9990000000001", "EA", "E107", ["02"], "20"),
]


def element(name, *content):
    return f"<{name}>{''.join(content)}</{name}>"


def isbn(number, digit):
    """Thirteen digits of a group that nobody has been given."""
    body = f"97899999{number:03}{digit}"
    total = sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(body))
    return f"{body}{-total % 10}"


def main():
    files = {"catalogue.xml": catalogue(), "selling.xml": message([sold(*book) for book in SELLING])}
    if "--check" in sys.argv:
        return int(any(changed(name, text) for name, text in files.items()))
    FOLDER.mkdir(exist_ok=True)
    for name, text in files.items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


def changed(name, text):
    file = FOLDER / name
    return not file.exists() or file.read_text("utf-8") != text


def catalogue():
    return message([product(n, word) for n in range(1, PUBLICATIONS + 1) for word in formats(n)])


def message(products):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ONIXMessage xmlns="http://ns.editeur.org/onix/3.0/reference" release="3.0">\n'
        + element("Header", element("Sender", element("SenderName", "ONYX")), element("SentDateTime", "20261130T020000Z"))
        + "\n" + "\n".join(products) + "\n</ONIXMessage>\n"
    )


def sold(name, id_type, number, form, detail, locks, availability):
    """A book of selling.xml."""
    limit = element("EpubUsageConstraint", element("EpubUsageType", "07"), element("EpubUsageStatus", "02"))
    title = element("TitleElementLevel", "01") + element("TitleText", f"Carnet {name}")
    value = number if isinstance(number, str) else isbn(number, 1)
    return element(
        "Product",
        element("RecordReference", name),
        element("NotificationType", "03"),
        element("ProductIdentifier", element("ProductIDType", id_type), element("IDValue", value)),
        element(
            "DescriptiveDetail",
            element("ProductComposition", "00"),
            element("ProductForm", form),
            element("ProductFormDetail", detail),
            *[element("EpubTechnicalProtection", lock) for lock in locks],
            limit if name == "LIMITED-epub" else "",
            element("TitleDetail", element("TitleType", "01"), element("TitleElement", title)),
        ),
        element("PublishingDetail", publishing("Casa Marina", announced=name == "COMING-epub")),
        element("ProductSupply", offered(name, availability)),
    )


def offered(name, availability):
    start = element("SupplyDate", element("SupplyDateRole", "02"), element("Date", "20270301"))
    free = element("UnpricedItemType", "01")
    return element(
        "SupplyDetail",
        element("Supplier", element("SupplierRole", "01"), element("SupplierName", "Distribuciones Faro")),
        element("ProductAvailability", availability),
        start if name == "COMING-epub" else "",
        free if name == "FREE-epub" else price(0, 9, *EURO[0]),
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


def publishing(publisher, announced=False):
    world = element("Territory", element("RegionsIncluded", "WORLD"))
    role, date = ("09", "20261101") if announced else ("01", "20260901")
    return (
        element("Publisher", element("PublishingRole", "01"), element("PublisherName", publisher))
        + element("PublishingStatus", "04")
        + element("PublishingDate", element("PublishingDateRole", role), element("Date", date))
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
