#!/usr/bin/env python3
"""Writes lists/ from books.toml: list files as the platform would deliver them.

    python3 make_lists.py           write the files, and print them as the table in README.md
    python3 make_lists.py --check   write nothing; exit 1 if a file would change

Python 3.11 and its standard library are enough. The same books give the same bytes: nothing here
asks the clock, the machine or chance.

A book becomes one Product a format. `product_3` builds it in the reference names of ONIX 3.0, and
`product_21` in those of 2.1; what a dialect spells otherwise is settled when a tree is written.
"""

import gzip
import io
import sys
import tomllib
from datetime import date
from decimal import ROUND_DOWN, Decimal
from html import escape as escape_html
from html.entities import codepoint2name
from pathlib import Path

HERE = Path(__file__).resolve().parent
PREFIX = "ONYX"
ISBN_GROUP = "97899999"
HOST = "https://media.example.org"
SUPPLIER = "Entrepôt Onyx"
MESSAGE_NOTE = "Demonstration: no book, person or publisher named here exists."

# What a format is called in ONIX 3 (ProductForm, ProductFormDetail) and in 2.1 (EpubType), and the
# digit that stands for it in an ISBN of ours, where 0 is the printed book.
FORMATS = {
    "epub": ("EA", "E101", "029", 1),
    "pdf": ("EA", "E107", "002", 2),
    "mobi": ("EA", "E127", "022", 3),
    "audio": ("AJ", "A103", None, 4),
    "kindle": ("EA", "E116", None, 5),
}
PRINT_DIGIT = 0

ROLES = [("author", "A01"), ("editor", "B01"), ("illustrator", "A12"), ("translator", "B06"), ("narrator", "E07")]

# EpubUsageConstraint rows: type, status, and a limit's quantity and unit.
USAGE = {
    "drm": ["02 02 20 04", "03 02 10 05", "04 02 6 06"],
    "watermark": ["02 01", "03 01", "04 01"],
}

# The short tag of each reference name used here, and where 2.1 has another.
SHORT = dict(zip(*[iter("""
    AgentName j401 Audience audience AudienceCodeType b204 AudienceCodeValue b206 AvailabilityCode j141
    BASICMainSubject b064 BiographicalNote b044 CollateralDetail collateraldetail Collection collection
    CollectionType x329 ContentAudience x427 Contributor contributor ContributorRole b035 CorporateName b047
    CountriesExcluded x451 CountriesIncluded x449 CountryCode b251 CountryExcluded j304 CountryOfPublication b083
    CurrencyCode j152 Date b306 DateFormat j260 DefaultCurrencyCode m186 DefaultPriceTypeCode m185
    DeletionText a199 DescriptiveDetail descriptivedetail EndDate b325 EpubTechnicalProtection x317 EpubType b211
    EpubUsageConstraint epubusageconstraint EpubUsageLimit epubusagelimit EpubUsageStatus x319 EpubUsageType x318
    EpubUsageUnit x321 ExpectedShipDate j142 Extent extent ExtentType b218 ExtentUnit b220 ExtentValue b219
    FeatureValue x439 FromCompany m174 Header header IDTypeName b233 IDValue b244 Imprint imprint
    ImprintName b079 KeyNames b040 Language language LanguageCode b252 LanguageRole b253 MainSubject x425
    Market market MarketCountry j403 MarketDate marketdate MarketDateRole j408
    MarketPublishingDetail marketpublishingdetail MarketPublishingStatus j407
    MarketRepresentation marketrepresentation MediaFile mediafile MediaFileLink f117 MediaFileLinkTypeCode f116
    MediaFileTypeCode f114 MessageNote m183 NamesAfterKey b041 NamesBeforeKey b039 NotForSale notforsale
    NotificationType a002 NumberOfPages b061 ONIXMessage ONIXmessage OnSaleDate j143 OtherText othertext
    PartNumber x410 PersonName b036 PersonNameInverted b037 PrefixToKey b247 Price price PriceAmount j151
    PriceDate pricedate PriceDateRole x476 PriceEffectiveFrom j161 PriceEffectiveUntil j162 PriceQualifier j261
    PriceStatus j266 PriceType x462 PriceTypeCode j148 PrimaryContentType x416 Product product
    ProductAvailability j396 ProductComposition x314 ProductForm b012 ProductFormDescription b014
    ProductFormDetail b333 ProductFormFeature productformfeature ProductFormFeatureType b334
    ProductFormFeatureValue b335 ProductIDType b221 ProductIdentifier productidentifier ProductRelationCode x455
    ProductSupply productsupply PublicationDate b003 Publisher publisher PublisherIDType x447
    PublisherIdentifier publisheridentifier PublisherName b081 PublishingDate publishingdate
    PublishingDateRole x448 PublishingDetail publishingdetail PublishingRole b291 PublishingStatus b394
    Quantity x320 ROWSalesRightsType x456 RecordReference a001 RegionsExcluded x452 RegionsIncluded x450
    RelatedMaterial relatedmaterial RelatedProduct relatedproduct RelationCode h208 ResourceContentType x436
    ResourceForm x441 ResourceLink x435 ResourceMode x437 ResourceVersion resourceversion
    ResourceVersionFeature resourceversionfeature ResourceVersionFeatureType x442 RightsCountry b090
    RightsTerritory b388 SalesRestriction salesrestriction SalesRestrictionType b381 SalesRights salesrights
    SalesRightsType b089 Sender sender SenderIDType m379 SenderIdentifier senderidentifier SenderName x298
    SentDate m182 SentDateTime x307 SequenceNumber b034 StartDate b324 Subject subject SubjectCode b069
    SubjectHeadingText b070 SubjectSchemeIdentifier b067 SubjectSchemeVersion b068 Subtitle b029 Supplier supplier
    SupplierIDType j345 SupplierIdentifier supplieridentifier SupplierName j137 SupplierRole j292
    SupplyDate supplydate SupplyDateRole x461 SupplyDetail supplydetail SupplyToCountry j138
    SupplyToCountryExcluded j140 SupplyToTerritory j397 SupportingResource supportingresource Tax tax
    TaxAmount x474 TaxRateCode x471 TaxRatePercent x472 TaxType x470 TaxableAmount x473 Territory territory
    Text d104 TextContent textcontent TextFormat d103 TextType x426 TextTypeCode d102 Title title
    TitleDetail titledetail TitleElement titleelement TitleElementLevel x409 TitlePrefix b030 TitleText b203
    TitleType b202 TitleWithoutPrefix b031 TitlesBeforeNames b038 UnpricedItemType j192
""".split())] * 2))
SHORT_21 = SHORT | {"Territory": "j303"}

# ---------------------------------------------------------------------------------------------------
# Trees: an element is (name, attributes, content), content being text, elements or one of these.


class Cdata(str):
    """Text to be wrapped in a CDATA section."""


class Xml(str):
    """Text that is XML already."""


def el(name, *content, **attributes):
    return (name, attributes, [c for c in content if c is not None])


def leaves(**texts):
    """Elements that hold only text, in order, without those whose text is None."""
    return [el(name, str(text)) for name, text in texts.items() if text is not None]


class Dialect:
    """How a message is spelled: its release, its tags, its way with dates and characters."""

    def __init__(self, words):
        self.release, self.tags = words.split()
        self.short = self.tags == "short"
        self.old = self.release == "2.1"
        self.encoding = "ISO-8859-1" if self.old and self.short else "UTF-8"
        self.entities = self.old and not self.short

    def name(self, reference):
        return (SHORT_21 if self.old else SHORT)[reference] if self.short else reference

    def text(self, text):
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if self.entities:
            text = "".join(f"&{codepoint2name[ord(c)]};" if c > "~" and ord(c) in codepoint2name else c for c in text)
        return text

    def write(self, element, depth=0):
        name, attributes, content = element
        tag, indent = self.name(name), "  " * depth
        start = tag + "".join(f' {key}="{self.text(value)}"' for key, value in attributes.items())
        if not content:
            return f"{indent}<{start}/>\n"
        if any(isinstance(c, tuple) for c in content):
            inside = "".join(self.write(c, depth + 1) for c in content)
            return f"{indent}<{start}>\n{inside}{indent}</{tag}>\n"
        return f"{indent}<{start}>{''.join(map(self.leaf, content))}</{tag}>\n"

    def leaf(self, text):
        if isinstance(text, Cdata):
            return f"<![CDATA[{text}]]>"
        return text if isinstance(text, Xml) else self.text(text)

    def date(self, group, role_name, role, date):
        """A date with its role; 3.1 has dropped the DateFormat element for an attribute."""
        form = "00" if len(date) == 8 else "14"
        if self.release == "3.1":
            return el(group, el(role_name, role), el("Date", date, dateformat=form))
        return el(group, el(role_name, role), el("DateFormat", form), el("Date", date))

    def document(self, header, products):
        root = "ONIXmessage" if self.short else "ONIXMessage"
        start = f'<?xml version="1.0" encoding="{self.encoding}"?>\n'
        if self.old:
            start += f'<!DOCTYPE {root} SYSTEM "http://www.editeur.org/onix/2.1/{self.tags}/onix-international.dtd">\n<{root}>\n'
        else:
            start += f'<{root} xmlns="http://ns.editeur.org/onix/{self.release}/{self.tags}" release="{self.release}">\n'
        body = "".join(self.write(e, 1) for e in [header, *products])
        return f"{start}{body}</{root}>\n".encode(self.encoding, "xmlcharrefreplace")


# ---------------------------------------------------------------------------------------------------
# Territories, dates, prices


class Territory:
    """Countries and regions, in and out, from words such as `WORLD -FR` or `CA -CA-QC`."""

    def __init__(self, words):
        out = [w[1:] for w in words if w.startswith("-")]
        self.countries = [w for w in words if not w.startswith("-") and len(w) == 2]
        self.regions = [w for w in words if not w.startswith("-") and len(w) > 2]
        self.countries_out = [w for w in out if len(w) == 2]
        self.regions_out = [w for w in out if len(w) > 2]

    def element(self):
        lists = leaves(
            CountriesIncluded=" ".join(self.countries) or None,
            RegionsIncluded=" ".join(self.regions) or None,
            CountriesExcluded=" ".join(self.countries_out) or None,
            RegionsExcluded=" ".join(self.regions_out) or None,
        )
        return el("Territory", *lists)


def plain_date(date):
    return date.replace("-", "") if len(date) == 10 else date


class Price:
    """A row of prices, as the head of books.toml describes it."""

    def __init__(self, row, base, home):
        words = row.replace("HOME", home).split()
        self.type = self.currency = self.amount = self.unpriced = None
        if words[0] == "unpriced":
            self.unpriced, rest = words[1], words[2:]
        elif words[0] == "free":
            self.unpriced, rest = "01", words[1:]
        else:
            self.type, self.currency, amount, *rest = words
            self.amount = shop_price(base * Decimal(amount[1:]), amount == "*1", self.currency) if amount[0] == "*" else amount
        n_places = next((i for i, word in enumerate(rest) if word.islower()), len(rest))
        self.places = rest[:n_places]
        named = dict(zip(rest[n_places::2], rest[n_places + 1 :: 2]))
        self.dates = [(role, plain_date(named[w])) for w, role in (("from", "14"), ("until", "15")) if w in named]
        self.qualifier = named.get("qualifier", "05")
        self.status = named.get("status", "02")
        self.protection = named.get("protection")
        self.tax = named.get("tax")

    def each(self):
        """This price once for every country."""
        for place in self.places:
            price = object.__new__(Price)
            price.__dict__.update(self.__dict__, places=[place])
            yield price

    def taxes(self):
        """The rate, and the amount without the tax and of it, both to the cent."""
        rate, amount = Decimal(self.tax), Decimal(self.amount)
        net = (amount / (1 + rate / 100)).quantize(Decimal("0.01"))
        return rate, net, amount - net

    def element(self, dialect):
        tax = None
        if self.tax:
            rate, net, part = self.taxes()
            tax = el("Tax", *leaves(TaxType="01", TaxRateCode="R", TaxRatePercent=rate, TaxableAmount=net, TaxAmount=part))
        priced = self.amount is not None
        return el(
            "Price",
            *leaves(
                PriceType=self.type,
                PriceQualifier=self.qualifier if priced else None,
                EpubTechnicalProtection=self.protection,
                PriceStatus=self.status if priced else None,
                PriceAmount=self.amount,
            ),
            tax,
            *leaves(UnpricedItemType=self.unpriced, CurrencyCode=self.currency),
            Territory(self.places).element(),
            *[dialect.date("PriceDate", "PriceDateRole", role, date) for role, date in self.dates],
        )

    def element_21(self, defaults):
        """`defaults`, the header's price type and currency, needn't be said again."""
        place, dates = Territory(self.places), dict(self.dates)
        as_header = defaults == [self.type, self.currency]
        return el(
            "Price",
            *leaves(
                PriceTypeCode=None if as_header else self.type,
                PriceQualifier=self.qualifier,
                PriceStatus=self.status,
                PriceAmount=self.amount,
                CurrencyCode=None if as_header else self.currency,
            ),
            *[el("CountryCode", country) for country in place.countries],
            *leaves(
                Territory=" ".join(place.regions) or None,
                CountryExcluded=" ".join(place.countries_out) or None,
                PriceEffectiveFrom=dates.get("14"),
                PriceEffectiveUntil=dates.get("15"),
            ),
        )


def shop_price(amount, own, currency):
    """Rounds to what a price tag looks like; a book's own price stays as it is."""
    whole = amount.to_integral_value(ROUND_DOWN)
    if currency == "JPY":
        return str(int(amount) // 10 * 10)
    if amount == 0 or own:
        return f"{amount:.2f}"
    if currency in ("CLP", "COP", "ARS"):
        return f"{int(amount) // 100 * 100 + 90}.00"
    return f"{whole}.50" if currency == "CHF" else f"{whole}.99"


def read_aloud_price(price):
    """Sound costs half as much again; in yen and pesos, whose prices are whole here, too."""
    price = Decimal(price) * 3 / 2
    return Decimal(shop_price(price, False, "EUR")) if price % 1 else price


def priced_rows(supply, base, home):
    rows = [Price(row, base, home) for row in supply.get("prices", [])]
    seen = set()
    for row in supply.get("each", []):
        for price in Price(row, base, home).each():
            if (price.places[0], price.currency) not in seen:
                seen.add((price.places[0], price.currency))
                rows.append(price)
    return rows


# ---------------------------------------------------------------------------------------------------
# Books


def isbn13(book_id, digit):
    first = f"{ISBN_GROUP}{book_id - 1000:03}{digit}"
    return first + check_digit(first)


def check_digit(first_twelve):
    return str(-sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(first_twelve)) % 10)


def listed(value):
    return value if isinstance(value, list) else [value]


class Product:
    """A book in one format, with what the tables of books.toml say about its publisher, genre and terms."""

    def __init__(self, catalogue, book_id, book, nature, library=None):
        self.id, self.book, self.nature, self.library = book_id, book, nature, library
        self.publisher = catalogue["publisher"][book["publisher"]]
        self.thema, self.bisac, self.bisac_heading, self.clil, self.audience = catalogue["genre"][book["genre"]]
        terms = catalogue["terms"][book.get("terms", self.publisher["terms"])]
        self.base = read_aloud_price(book["price"]) if nature == "audio" else Decimal(book["price"])
        self.home = self.publisher["country"]
        # Supply of its own means rights of its own: the world, unless it says so.
        own = {"rights": ["01 WORLD"]} if "supply" in book else terms
        self.supply = book.get("supply", terms.get("supply"))
        self.rights = book.get("rights", own["rights"])
        self.row_rights = book.get("row_rights", own.get("row_rights"))
        if library:
            self.supply = [{"market": self.supply[0]["market"], "prices": library["prices"]}]
        self.date = book["date"].strftime("%Y%m%d")
        self.status = book.get("status", "04")
        self.availability = book.get("availability", "20")
        form, self.detail, self.epub_type, digit = FORMATS[nature]
        self.form = (library or book).get("form", form)
        self.isbn = isbn13(book_id, FORMATS["epub"][3] if book.get("same_isbn") else digit)
        self.has_print = book.get("print", True) and nature != "audio"

    @property
    def reference(self):
        return f"{PREFIX}{self.id}-{self.nature}" + ("-LIBRARIES" if self.library else "")

    @property
    def fixed(self):
        return self.nature == "epub" and self.book.get("fixed", False)

    @property
    def protections(self):
        stated = self.book.get("protection", self.publisher["protection"]).split()
        if self.library:
            return ["06"]
        # Adobe's lock holds neither sound nor mobi: those are watermarked.
        return ["02"] if self.nature in ("audio", "mobi") and {"03", "06"} & set(stated) else stated

    @property
    def usage(self):
        if self.library:
            return self.library["usage"]
        if self.nature == "audio":
            return []
        kinds = {"00": [], "02": USAGE["watermark"], "03": USAGE["drm"], "06": USAGE["drm"]}
        return kinds.get(self.protections[0], []) if self.protections else []

    def identifiers(self):
        if self.library and self.library["identifier"] == "key":
            return [("01", "internal_key", f"lib-{self.id}-{self.nature}")]
        rows = []
        for row in self.book.get("identifiers", ["15 ISBN"]):
            id_type, *name, value = row.split()
            rows.append((id_type, name[0] if name else None, self.isbn if value == "ISBN" else value))
        return rows

    def contributors(self):
        """(role, name) in order; who reads aloud is named where there is sound."""
        return [
            (code, name)
            for role, code in ROLES
            if role != "narrator" or self.nature == "audio"
            for name in listed(self.book.get(role, []))
        ]

    def siblings(self):
        """The ISBNs of the book's other formats."""
        others = {isbn13(self.id, FORMATS[n][3]) for n in natures(self.book)} - {self.isbn}
        return [] if "identifiers" in self.book or self.book.get("same_isbn") else sorted(others)

    def languages(self):
        original = self.book.get("original")
        return [("01", self.publisher["lang"])] + ([("02", original)] if original else [])

    def extents(self):
        """(type, value, unit)"""
        pages = self.book["pages"]
        if self.nature == "audio":
            hours, minutes = divmod(pages * 19 // 10, 60)
            return [("09", f"{hours:03}{minutes:02}", "15"), ("22", str(pages * 2), "19")]
        megabytes = pages * (0.09 if self.fixed or self.nature == "pdf" else 0.004)
        return [("08" if self.has_print else "10", str(pages), "03"), ("22", f"{0.2 + megabytes:.1f}", "19")]

    def features(self):
        """ProductFormFeature rows: the file's version (15), its accessibility (09)."""
        year = self.book["date"].year
        if self.nature == "pdf":
            return [("15", "107F")]
        if self.nature != "epub":
            return []
        version = "101A" if year < 2017 else "101B" if year < 2022 else "101F"
        reads_aloud = [("09", "11"), ("09", "36"), ("09", "52")] if year >= 2020 and not self.fixed else []
        return [("15", version)] + reads_aloud

    def place_words(self, words):
        """PRICED stands for every country that has a price."""
        if "PRICED" not in words:
            return words
        return sorted({p for s in self.supply for row in priced_rows(s, self.base, self.home) for p in row.places})


def natures(book):
    return book.get("formats", "epub pdf").split()


class Name:
    """A contributor's name, taken apart. An East Asian name begins with its key."""

    def __init__(self, words):
        self.corporate = words[1:] if words.startswith("=") else None
        given, bar, key = words.partition("|")
        if not bar:
            given, _, key = words.rpartition(" ")
        titles = [w for w in given.split() if w.endswith(".")]
        self.titles = " ".join(titles) or None
        given = " ".join(w for w in given.split() if w not in titles)
        if key and ord(key[0]) > 0x3000:
            self.before, self.prefix, self.key, self.after = None, None, given, key
            self.full, self.inverted = f"{given} {key}", f"{given}, {key}"
        else:
            prefix = " ".join(w for w in key.split() if w.islower())
            self.before, self.prefix, self.after = given or None, prefix or None, None
            self.key = key.removeprefix(prefix).strip()
            self.full = f"{given} {key}".strip()
            self.inverted = f"{self.key}, {given} {prefix}".strip(" ,")

    def elements(self):
        if self.corporate:
            return leaves(CorporateName=self.corporate)
        return leaves(
            PersonName=self.full,
            PersonNameInverted=self.inverted,
            TitlesBeforeNames=self.titles,
            NamesBeforeKey=self.before,
            PrefixToKey=self.prefix,
            KeyNames=self.key,
            NamesAfterKey=self.after,
        )


# ---------------------------------------------------------------------------------------------------
# Texts, which reach a feed from many hands: HTML of either case in CDATA, plain text, XHTML.


def paragraphs(text):
    return [" ".join(p.split()) for p in text.strip().split("\n\n")]


def emphasised(paragraph, start, end):
    """The paragraph in HTML, what stood between asterisks between the two tags."""
    parts = escape_html(paragraph, quote=False).split("*")
    return "".join(part if i % 2 == 0 else f"{start}{part}{end}" for i, part in enumerate(parts))


def text_element(text, product, dialect):
    hand = product.id % 3
    if hand == 2:
        return el("Text", "\n\n".join(paragraphs(text)).replace("*", ""))
    if hand == 0 and dialect.release == "3.1":
        inside = "".join(f"<p>{emphasised(p, '<em>', '</em>')}</p>" for p in paragraphs(text))
        return el("Text", Xml(inside), textformat="05")
    if hand == 0:
        inside = "".join(f"<p>{emphasised(p, '<i>', '</i>')}</p>" for p in paragraphs(text))
    else:
        inside = "<P>" + "<BR/><br/>".join(emphasised(p, "<I>", "</i>") for p in paragraphs(text)) + "</p>"
    return el("Text", Cdata(inside), textformat="02")


def first_sentence(text):
    return paragraphs(text)[0].replace("*", "").split(". ")[0].rstrip(".") + "."


# ---------------------------------------------------------------------------------------------------
# ONIX 3


def product_3(product, dialect, notification):
    head = leaves(RecordReference=product.reference, NotificationType=notification)
    if notification == "05":
        head.append(el("DeletionText", "Retiré du catalogue"))
    head += [identifier_element(*row) for row in product.identifiers()]
    supplies = [product_supply(product, supply, dialect) for supply in product.supply]
    if notification == "05":
        return el("Product", *head)
    if notification == "04":
        return el("Product", *head, *supplies)
    blocks = [descriptive(product, dialect), collateral(product, dialect), publishing(product, dialect), related(product)]
    return el("Product", *head, *blocks, *supplies)


def identifier_element(id_type, name, value):
    return el("ProductIdentifier", *leaves(ProductIDType=id_type, IDTypeName=name, IDValue=value))


def descriptive(product, dialect):
    book = product.book
    layout = ("E201" if product.fixed else "E200") if product.nature == "epub" else None
    return el(
        "DescriptiveDetail",
        *leaves(ProductComposition="00", ProductForm=product.form),
        *[el("ProductFormDetail", d) for d in (product.detail, layout) if d],
        *[el("ProductFormFeature", *leaves(ProductFormFeatureType=t, ProductFormFeatureValue=v)) for t, v in product.features()],
        *leaves(
            ProductFormDescription="Digital Audio, MP3" if product.nature == "audio" else None,
            PrimaryContentType="01" if product.nature == "audio" else "10",
        ),
        *[el("EpubTechnicalProtection", code) for code in product.protections],
        *[usage_constraint(row) for row in product.usage],
        collection(book),
        *titles(book),
        *[contributor(i, product, role, name, dialect) for i, (role, name) in enumerate(product.contributors(), 1)],
        *[el("Language", *leaves(LanguageRole=role, LanguageCode=code)) for role, code in product.languages()],
        *[el("Extent", *leaves(ExtentType=t, ExtentValue=v, ExtentUnit=u)) for t, v, u in product.extents()],
        el("Subject", el("MainSubject"), *leaves(SubjectSchemeIdentifier="93", SubjectSchemeVersion="1.5", SubjectCode=product.thema)),
        el("Subject", *leaves(SubjectSchemeIdentifier="10", SubjectCode=product.bisac, SubjectHeadingText=product.bisac_heading)),
        el("Subject", *leaves(SubjectSchemeIdentifier="29", SubjectCode=product.clil)),
        el("Subject", *leaves(SubjectSchemeIdentifier="20", SubjectHeadingText=book["keywords"])),
        el("Audience", *leaves(AudienceCodeType="01", AudienceCodeValue=product.audience)),
    )


def usage_constraint(row):
    usage_type, status, *limit = row.split()
    limits = [el("EpubUsageLimit", *leaves(Quantity=limit[0], EpubUsageUnit=limit[1]))] if limit else []
    return el("EpubUsageConstraint", *leaves(EpubUsageType=usage_type, EpubUsageStatus=status), *limits)


def collection(book):
    if "series" not in book:
        return None
    element = el("TitleElement", *leaves(TitleElementLevel="02", PartNumber=book.get("part"), TitleText=book["series"]))
    return el("Collection", el("CollectionType", "10"), el("TitleDetail", el("TitleType", "01"), element))


def titles(book):
    if "prefix" in book:
        text = leaves(TitlePrefix=book["prefix"], TitleWithoutPrefix=book["title"])
    else:
        collation = {"collationkey": book["title_collation"]} if "title_collation" in book else {}
        text = [el("TitleText", book["title"], **collation)]
    element = el("TitleElement", el("TitleElementLevel", "01"), *text, *leaves(Subtitle=book.get("subtitle")))
    yield el("TitleDetail", el("TitleType", "01"), element)
    if "alternative_title" in book:
        element = el("TitleElement", *leaves(TitleElementLevel="01", TitleText=book["alternative_title"]))
        yield el("TitleDetail", el("TitleType", "08"), element)


def contributor(number, product, role, name, dialect):
    bio = product.book.get("bio") if number == 1 else None
    note = [el("BiographicalNote", Cdata(f"<P>{emphasised(bio, '<I>', '</I>')}</P>"), textformat="02")] if bio else []
    return el("Contributor", *leaves(SequenceNumber=number, ContributorRole=role), *Name(name).elements(), *note)


def collateral(product, dialect):
    text = product.book["text"]
    contents = []
    if product.id % 2:
        contents.append(el("TextContent", *leaves(TextType="02", ContentAudience="00", Text=first_sentence(text))))
    contents.append(el("TextContent", *leaves(TextType="03", ContentAudience="00"), text_element(text, product, dialect)))
    return el("CollateralDetail", *contents, *resources(product, dialect))


def resources(product, dialect):
    folder = f"{HOST}/{PREFIX}{product.id}"
    for size in ["medium"] if product.id % 4 else ["small", "medium", "large"]:
        yield el(
            "SupportingResource",
            *leaves(ResourceContentType="01", ContentAudience="00", ResourceMode="03"),
            el(
                "ResourceVersion",
                el("ResourceForm", "02"),
                el("ResourceVersionFeature", *leaves(ResourceVersionFeatureType="04", FeatureValue=f"front_cover_{size}")),
                el("ResourceLink", f"{folder}/front_cover_{size}.jpg"),
            ),
        )
    if product.id % 5 == 0:
        yield el(
            "SupportingResource",
            *leaves(ResourceContentType="15", ContentAudience="00", ResourceMode="06"),
            el("ResourceVersion", *leaves(ResourceForm="01", ResourceLink=f"{folder}/flipbook?lang={product.publisher['lang']}&page=1")),
        )


def publishing(product, dialect):
    book, house = product.book, product.publisher
    number = sum(map(ord, house["name"])) % 9000 + 1000
    identifiers = [
        el("PublisherIdentifier", *leaves(PublisherIDType="01", IDTypeName=name, IDValue=value))
        for name, value in (("DEMARQUE_ID", f"{PREFIX}-P{number}"), ("DM_GLOBAL_ID", f"ENQ{number}"))
    ]
    dates = [("01", product.date)]
    if "embargo" in book:
        dates.append(("02", book["embargo"]))
    elif product.status != "02" and product.availability != "40":
        dates.append(("02", product.date))
    dates += [(role, book[word]) for role, word in (("09", "announced"), ("27", "preorders_from"), ("13", "out_of_print")) if word in book]
    restriction = "06" if product.library else book.get("restriction")
    return el(
        "PublishingDetail",
        el("Imprint", el("ImprintName", house["imprint"])),
        el("Publisher", el("PublishingRole", "01"), *identifiers, el("PublisherName", house["name"])),
        *leaves(CountryOfPublication=house["country"], PublishingStatus=product.status),
        *[dialect.date("PublishingDate", "PublishingDateRole", role, date) for role, date in dates],
        *[sales_rights(row, product) for row in product.rights],
        *leaves(ROWSalesRightsType=product.row_rights),
        sales_restriction(restriction, book) if restriction else None,
    )


def sales_rights(row, product):
    rights_type, *words = row.split()
    return el("SalesRights", el("SalesRightsType", rights_type), Territory(product.place_words(words)).element())


def sales_restriction(restriction, book):
    dates = leaves(StartDate=book.get("restriction_from"), EndDate=book.get("restriction_until"))
    return el("SalesRestriction", el("SalesRestrictionType", restriction), *dates)


def related(product):
    rows = [("13", isbn13(product.id, PRINT_DIGIT))] if product.has_print else []
    rows += [("06", isbn) for isbn in product.siblings()]
    return el("RelatedMaterial", *[
        el("RelatedProduct", el("ProductRelationCode", code), identifier_element("15", None, isbn)) for code, isbn in rows
    ])


def product_supply(product, supply, dialect):
    dates = [row.split() for row in supply.get("dates", [f"08 {product.date}"])]
    market_dates = [row.split() for row in supply.get("market_dates", [f"01 {product.date}"])]
    rows = priced_rows(supply, product.base, product.home)
    unpriced = [row.unpriced for row in rows if row.unpriced and not row.places]
    prices = [el("UnpricedItemType", unpriced[0])] if unpriced else [row.element(dialect) for row in rows]
    supplier = el(
        "Supplier",
        el("SupplierRole", "00"),
        el("SupplierIdentifier", *leaves(SupplierIDType="01", IDTypeName="DEMARQUE_ID", IDValue=PREFIX)),
        el("SupplierName", SUPPLIER),
    )
    return el(
        "ProductSupply",
        el("Market", Territory(supply["market"].split()).element()),
        el(
            "MarketPublishingDetail",
            el("MarketPublishingStatus", supply.get("status", product.status)),
            *[dialect.date("MarketDate", "MarketDateRole", role, date) for role, date in market_dates],
        ),
        el(
            "SupplyDetail",
            supplier,
            el("ProductAvailability", product.availability),
            *[dialect.date("SupplyDate", "SupplyDateRole", role, date) for role, date in dates],
            *prices,
        ),
    )


# ---------------------------------------------------------------------------------------------------
# ONIX 2.1


def product_21(product, defaults):
    book, house = product.book, product.publisher
    return el(
        "Product",
        *leaves(RecordReference=product.reference, NotificationType="03"),
        *[identifier_element(*row) for row in product.identifiers()],
        *leaves(ProductForm="DG", EpubType=product.epub_type),
        el("Title", *leaves(TitleType="01", TitleText=book["title"], Subtitle=book.get("subtitle"))),
        *[
            el("Contributor", *leaves(SequenceNumber=i, ContributorRole=role), *Name(name).elements())
            for i, (role, name) in enumerate(product.contributors(), 1)
        ],
        *[el("Language", *leaves(LanguageRole=role, LanguageCode=code)) for role, code in product.languages()],
        *leaves(NumberOfPages=book["pages"], BASICMainSubject=product.bisac),
        *[
            el("Subject", *leaves(SubjectSchemeIdentifier=scheme, **what))
            for scheme, what in (("29", {"SubjectCode": product.clil}), ("20", {"SubjectHeadingText": book["keywords"]}))
        ],
        el("Audience", *leaves(AudienceCodeType="01", AudienceCodeValue=product.audience)),
        other_text(product),
        el("MediaFile", *leaves(
            MediaFileTypeCode="04", MediaFileLinkTypeCode="01", MediaFileLink=f"{HOST}/{PREFIX}{product.id}/front_cover_medium.jpg",
        )),
        el("Imprint", el("ImprintName", house["imprint"])),
        el("Publisher", *leaves(PublishingRole="01", PublisherName=house["name"])),
        *leaves(PublishingStatus=product.status, PublicationDate=product.date),
        *[rights_21(row, product) for row in product.rights],
        el("RelatedProduct", el("RelationCode", "13"), identifier_element("15", None, isbn13(product.id, PRINT_DIGIT))),
        *[supply_21(product, supply, defaults) for supply in product.supply],
        market_representation(product),
    )


def other_text(product):
    """HTML escaped rather than in CDATA, or plain text: TextFormat says which."""
    text = product.book["text"]
    if product.id % 2:
        inside = "".join(f"<p>{emphasised(p, '<i>', '</i>')}</p>" for p in paragraphs(text))
        return el("OtherText", *leaves(TextTypeCode="01", TextFormat="02", Text=inside))
    return el("OtherText", *leaves(TextTypeCode="01", TextFormat="06", Text="\n\n".join(paragraphs(text)).replace("*", "")))


def rights_21(row, product):
    """Where some countries are not for sale (`nfs`), the world is the rest of it."""
    rights_type, *words = row.split()
    place = Territory(words)
    countries = [el("RightsCountry", country) for country in place.countries]
    if rights_type == "nfs":
        return el("NotForSale", *countries)
    rest = any(r.startswith("nfs") for r in product.rights)
    world = ["ROW" if rest and r == "WORLD" else r for r in place.regions]
    return el("SalesRights", el("SalesRightsType", rights_type), *countries, *leaves(RightsTerritory=" ".join(world) or None))


def supply_21(product, supply, defaults):
    book, place = product.book, Territory(supply["market"].split())
    rows = priced_rows(supply, product.base, product.home)
    unpriced = [el("UnpricedItemType", row.unpriced) for row in rows if row.unpriced]
    code = book.get("availability_code")
    on_sale = book["on_sale"].strftime("%Y%m%d") if "on_sale" in book else None
    return el(
        "SupplyDetail",
        *leaves(SupplierName=SUPPLIER, SupplierRole="00"),
        *[el("SupplyToCountry", country) for country in place.countries],
        *leaves(
            SupplyToTerritory=" ".join(place.regions) or None,
            SupplyToCountryExcluded=" ".join(place.countries_out) or None,
            AvailabilityCode=code,
            ProductAvailability=None if code and "availability" not in book else product.availability,
            ExpectedShipDate=on_sale,
            OnSaleDate=on_sale,
        ),
        *(unpriced or [row.element_21(defaults) for row in rows]),
    )


def market_representation(product):
    country = product.book.get("market_representation")
    if not country:
        return None
    date = el("MarketDate", *leaves(MarketDateRole="01", DateFormat="00", Date=product.date))
    return el("MarketRepresentation", *leaves(AgentName=SUPPLIER, MarketCountry=country, MarketPublishingStatus="04"), date)


# ---------------------------------------------------------------------------------------------------
# Messages


def header(delivery, dialect):
    identifier = el("SenderIdentifier", *leaves(SenderIDType="06", IDTypeName="DEMARQUE_ID", IDValue=PREFIX))
    price_type, currency = delivery.get("defaults", " ").split(" ")
    if dialect.old:
        return el(
            "Header",
            identifier,
            *leaves(
                FromCompany=PREFIX,
                SentDate=delivery["sent"][:8] + delivery["sent"][9:13],
                MessageNote=MESSAGE_NOTE,
                DefaultPriceTypeCode=price_type or None,
                DefaultCurrencyCode=currency or None,
            ),
        )
    return el("Header", el("Sender", identifier, el("SenderName", PREFIX)), *leaves(SentDateTime=delivery["sent"], MessageNote=MESSAGE_NOTE))


def book_ids(words, books):
    """`1042 1001-1023`: ids one by one, and ranges of those that exist."""
    for word in words.split():
        first, _, last = word.partition("-")
        yield from (i for i in range(int(first), int(last or first) + 1) if not last or str(i) in books)


# Stands in where a delivery withdraws a book that no other delivery has.
UNHEARD_OF = {"publisher": "quai-nord", "genre": "novel", "price": 0, "formats": "epub", "date": date(2026, 1, 1)}


def delivered(catalogue, delivery):
    """Each product of a delivery, with its NotificationType."""
    books = catalogue["book"]
    for book_id in book_ids(delivery["books"], books):
        change = delivery.get("change", {}).get(str(book_id), {})
        book = books.get(str(book_id), UNHEARD_OF) | change
        for nature in natures(book):
            yield Product(catalogue, book_id, book, nature), book.get("notification", "03")
            for library in book.get("library", []):
                yield Product(catalogue, book_id, book, nature, library), "03"


def message(catalogue, delivery):
    dialect = Dialect(delivery["dialect"])
    defaults = delivery.get("defaults", "").split()
    products = [
        product_21(product, defaults) if dialect.old else product_3(product, dialect, notification)
        for product, notification in delivered(catalogue, delivery)
    ]
    assert len(products) <= 50, f"{delivery['file']}: a list holds at most 50, not {len(products)}"
    return dialect.document(header(delivery, dialect), products), len(products)


def write(path, content):
    """Leaves a file alone that says the same: what gzip makes of it depends on the zlib at hand."""
    old = path.read_bytes() if path.exists() else None
    if path.suffix == ".gz":
        if old is not None and gzip.decompress(old) == content:
            return
        buffer = io.BytesIO()
        with gzip.GzipFile("", "wb", 9, buffer, mtime=0) as stream:
            stream.write(content)
        content = buffer.getvalue()
    if content != old:
        path.write_bytes(content)


def same(path, content):
    if not path.exists():
        return False
    old = path.read_bytes()
    return (gzip.decompress(old) if path.suffix == ".gz" else old) == content


def main(arguments):
    with open(HERE / "books.toml", "rb") as file:
        catalogue = tomllib.load(file, parse_float=Decimal)
    folder = HERE / "lists"
    folder.mkdir(exist_ok=True)
    names = [delivery["file"] for delivery in catalogue["delivery"]]
    changed = [path.name for path in folder.iterdir() if path.name not in names]
    print("| file | ONIX | products | sent |\n|---|---|---:|---|")
    for delivery in catalogue["delivery"]:
        content, n_products = message(catalogue, delivery)
        path = folder / delivery["file"]
        print(f"| `{path.name}` | {delivery['dialect']} | {n_products} | {delivery['sent']} |")
        if not same(path, content):
            changed.append(path.name)
        if arguments != ["--check"]:
            write(path, content)
    if arguments == ["--check"] and changed:
        print("not as books.toml would have it:", *changed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
