#!/usr/bin/env python3
"""Reads ONIX 3.x as a shop would with lxml: iterparse, a product at a time, every field of the view.

usage: lxml_iterparse.py FILE...

Prints the same sums as `cargo run --release --example view_sums -- FILE...`. Reference tags only, no repairs.
"""

import re
import sys

from lxml import etree

NAME_PARTS = (
    "PersonName", "PersonNameInverted", "TitlesBeforeNames", "NamesBeforeKey", "PrefixToKey", "KeyNames",
    "NamesAfterKey", "SuffixToKey", "LettersAfterNames", "TitlesAfterNames", "CorporateName",
    "CorporateNameInverted", "UnnamedPersons",
)
BUILT_NAME = ("TitlesBeforeNames", "NamesBeforeKey", "PrefixToKey", "KeyNames", "NamesAfterKey", "SuffixToKey")
AREA = ("CountriesIncluded", "RegionsIncluded", "CountriesExcluded", "RegionsExcluded")
AMOUNT = re.compile(r"([0-9]*)(?:\.([0-9]{0,2})0*)?")
SPACES = re.compile(r"[ \t\r\n]+")

# Names without their namespace.
local_names = {}


def local_name(tag):
    name = local_names.get(tag)
    if name is None:
        name = local_names[tag] = tag.rpartition("}")[2]
    return name


def children(element):
    """The child elements by name."""
    by_name = {}
    for child in element.iterchildren(etree.Element):
        by_name.setdefault(local_name(child.tag), []).append(child)
    return by_name


def text(element):
    """White space collapsed, inline markup as its text."""
    if len(element):
        return SPACES.sub(" ", "".join(element.itertext(etree.Element))).strip(" ")
    return SPACES.sub(" ", element.text or "").strip(" ")


def first(by_name, name):
    """The text of the first element of that name that isn't empty."""
    for element in by_name.get(name, ()):
        found = text(element)
        if found:
            return found
    return None


def every(by_name, name):
    return [text(element) for element in by_name.get(name, ())]


class Sums:
    def __init__(self):
        self.products = self.texts = self.characters = self.cents = 0
        self.default_type = self.default_currency = None

    def __str__(self):
        return (f"{self.products} products, {self.texts} texts, "
                f"{self.characters} characters, {self.cents} cents")

    def count(self, *texts):
        for found in texts:
            if found is not None:
                self.texts += 1
                self.characters += len(found)

    def fields(self, by_name, *names):
        self.count(*[first(by_name, name) for name in names])

    def header(self, header):
        by_name = children(header)
        self.default_type = first(by_name, "DefaultPriceType")
        self.default_currency = first(by_name, "DefaultCurrencyCode")

    def product(self, product):
        self.products += 1
        blocks = children(product)
        self.fields(blocks, "RecordReference", "NotificationType")
        self.count(self.isbn13(self.identifiers(blocks)))
        for block in blocks.get("DescriptiveDetail", ())[:1]:
            self.describe(children(block))
        for block in blocks.get("PublishingDetail", ())[:1]:
            self.publish(children(block))
        for supply in blocks.get("ProductSupply", ()):
            self.product_supply(children(supply))
        for block in blocks.get("RelatedMaterial", ())[:1]:
            for related in children(block).get("RelatedProduct", ()):
                by_name = children(related)
                self.count(*every(by_name, "ProductRelationCode"))
                self.identifiers(by_name)

    def identifiers(self, by_name):
        found = []
        for identifier in by_name.get("ProductIdentifier", ()):
            parts = children(identifier)
            found.append((first(parts, "ProductIDType"), first(parts, "IDValue")))
            self.count(*found[-1])
        return found

    def isbn13(self, identifiers):
        """ISBN-13, else an EAN that is one, hyphens dropped. ISBN-10s are left alone."""
        for wanted in ("15", "03"):
            for id_type, value in identifiers:
                if id_type == wanted and value:
                    isbn = value.replace("-", "").replace(" ", "")
                    if wanted == "15" or isbn.startswith(("978", "979")):
                        return isbn
        return None

    def describe(self, by_name):
        titles = [self.title(children(detail)) for detail in by_name.get("TitleDetail", ())]
        titled = [title for title in titles if title[1]]
        best = next((title for title in titled if title[0] == "01"), titled[0] if titled else (None,) * 3)
        self.count(*best[1:])
        for contributor in by_name.get("Contributor", ()):
            self.contributor(children(contributor))
        self.count(*every(by_name, "ContributorStatement")[:1])
        for language in by_name.get("Language", ()):
            self.fields(children(language), "LanguageRole", "LanguageCode")
        for subject in by_name.get("Subject", ()):
            parts = children(subject)
            self.fields(parts, "SubjectSchemeIdentifier", "SubjectCode")
            self.count(*every(parts, "SubjectHeadingText")[:1])
        self.fields(by_name, "ProductComposition", "ProductForm")
        self.count(*every(by_name, "ProductFormDetail"))
        self.count(*every(by_name, "EpubTechnicalProtection"))
        for constraint in by_name.get("EpubUsageConstraint", ()):
            parts = children(constraint)
            self.fields(parts, "EpubUsageType", "EpubUsageStatus")
            for limit in parts.get("EpubUsageLimit", ()):
                self.fields(children(limit), "Quantity", "EpubUsageUnit")

    def title(self, by_name):
        elements = [children(element) for element in by_name.get("TitleElement", ())]
        title = subtitle = None
        for level in ("01", "03", None):
            for element in elements:
                if title is None and (level is None or first(element, "TitleElementLevel") == level):
                    title, subtitle = self.title_element(element)
        found = first(by_name, "TitleType"), title, subtitle
        self.count(*found)
        return found

    def title_element(self, by_name):
        title = first(by_name, "TitleText")
        if title is None:
            prefix, rest = first(by_name, "TitlePrefix"), first(by_name, "TitleWithoutPrefix")
            if prefix and rest:
                title = prefix + ("" if prefix.endswith(("'", "\u2019")) else " ") + rest
            else:
                title = prefix or rest
        return (title, first(by_name, "Subtitle")) if title else (None, None)

    def contributor(self, by_name):
        parts = {name: first(by_name, name) for name in NAME_PARTS if name in by_name}
        part = parts.get
        built = " ".join(filter(None, map(part, BUILT_NAME)))
        name = (part("PersonName") or (part("KeyNames") and built) or part("CorporateName")
                or part("PersonNameInverted") or part("CorporateNameInverted") or built
                or (part("UnnamedPersons") and "unnamed:" + part("UnnamedPersons")) or None)
        self.count(name, first(by_name, "SequenceNumber"), *every(by_name, "ContributorRole"), *parts.values())

    def publish(self, by_name):
        for publisher in by_name.get("Publisher", ()):
            self.fields(children(publisher), "PublishingRole", "PublisherName")
        for imprint in by_name.get("Imprint", ()):
            self.fields(children(imprint), "ImprintName")
        self.fields(by_name, "PublishingStatus", "ROWSalesRightsType")
        self.dates(by_name, "PublishingDate", "PublishingDateRole")
        for rights in by_name.get("SalesRights", ()):
            parts = children(rights)
            self.fields(parts, "SalesRightsType")
            self.territories(parts)

    def dates(self, by_name, name, role):
        for date in by_name.get(name, ()):
            parts = children(date)
            self.fields(parts, role, "Date")
            for element in parts.get("Date", ())[:1]:
                self.count(element.get("dateformat") or first(parts, "DateFormat"))

    def territories(self, by_name):
        for territory in by_name.get("Territory", ()):
            parts = children(territory)
            for name in AREA:
                for codes in every(parts, name):
                    self.count(*codes.split())

    def product_supply(self, by_name):
        markets = [children(market) for market in by_name.get("Market", ())]
        details = [children(detail) for detail in by_name.get("MarketPublishingDetail", ())[:1]]
        # The view has the market with each of its supply details.
        for _ in by_name.get("SupplyDetail", ()) or (None,):
            for market in markets:
                self.territories(market)
            for detail in details:
                self.fields(detail, "MarketPublishingStatus")
                self.dates(detail, "MarketDate", "MarketDateRole")
        for detail in by_name.get("SupplyDetail", ()):
            self.supply(children(detail))

    def supply(self, by_name):
        for supplier in by_name.get("Supplier", ()):
            self.fields(children(supplier), "SupplierName")
        self.fields(by_name, "ProductAvailability", "UnpricedItemType")
        self.dates(by_name, "SupplyDate", "SupplyDateRole")
        for price in by_name.get("Price", ()):
            self.price(children(price))

    def price(self, by_name):
        amount = first(by_name, "PriceAmount")
        self.cents += cents(amount)
        self.count(amount, first(by_name, "PriceType") or self.default_type)
        self.count(first(by_name, "CurrencyCode") or (amount and self.default_currency))
        self.fields(by_name, "PriceQualifier", "UnpricedItemType", "PriceStatus")
        self.territories(by_name)
        self.dates(by_name, "PriceDate", "PriceDateRole")
        for condition in by_name.get("PriceCondition", ()):
            parts = children(condition)
            self.fields(parts, "PriceConditionType")
            for quantity in parts.get("PriceConditionQuantity", ()):
                self.fields(children(quantity), "Quantity")
        for tax in by_name.get("Tax", ()):
            self.fields(children(tax), "TaxType", "TaxRateCode", "TaxRatePercent", "TaxAmount")
        self.count(*every(by_name, "EpubTechnicalProtection"))


def cents(amount):
    """Hundredths; 0 where it is no such number."""
    match = AMOUNT.fullmatch(amount or "")
    if not match or not (match[1] or match[2]):
        return 0
    return int((match[1] or "0") + (match[2] or "").ljust(2, "0"))


def read(path, sums):
    for _, element in etree.iterparse(path, tag=("{*}Header", "{*}Product"), resolve_entities=False, no_network=True):
        if local_name(element.tag) == "Header":
            sums.header(element)
        else:
            sums.product(element)
        # What has been read is let go: the element, and what the root holds before it.
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def main(paths):
    if not paths:
        sys.exit(__doc__)
    sums = Sums()
    for path in paths:
        read(path, sums)
    print(sums)


if __name__ == "__main__":
    main(sys.argv[1:])
