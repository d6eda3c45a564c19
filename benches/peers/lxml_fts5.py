#!/usr/bin/env python3
"""Indexes ONIX 3.x as a small shop would without a search engine: lxml reads, SQLite's FTS5 holds the words.

usage: lxml_fts5.py DATABASE FILE...

Titles, contributors, series, publisher, subjects and description become a full-text table with accents folded and the beginnings of
words indexed; identifiers and prices become tables with an index each. Prints products, seconds and products a second; with words on
standard input, a query a line, also how long the ten best take.
"""

import os
import re
import sqlite3
import sys
import time

from lxml import etree

SPACES = re.compile(r"[ \t\r\n]+")


def local_name(element):
    return element.tag.rpartition("}")[2]


def text(element):
    return SPACES.sub(" ", "".join(element.itertext(etree.Element))).strip(" ")


def every(parent, *path):
    """The texts of elements below a path of names."""
    found = [parent]
    for name in path:
        found = [child for element in found for child in element.iterchildren("{*}" + name)]
    return [text(element) for element in found]


def words(product):
    detail = ("DescriptiveDetail",)
    titles = every(product, *detail, "TitleDetail", "TitleElement", "TitleText")
    titles += every(product, *detail, "TitleDetail", "TitleElement", "TitlePrefix")
    titles += every(product, *detail, "TitleDetail", "TitleElement", "TitleWithoutPrefix")
    subtitles = every(product, *detail, "TitleDetail", "TitleElement", "Subtitle")
    series = every(product, *detail, "Collection", "TitleDetail", "TitleElement", "TitleText")
    names = every(product, *detail, "Contributor", "PersonName")
    names += every(product, *detail, "Contributor", "NamesBeforeKey") + every(product, *detail, "Contributor", "KeyNames")
    names += every(product, *detail, "Contributor", "CorporateName")
    publishers = every(product, "PublishingDetail", "Publisher", "PublisherName")
    publishers += every(product, "PublishingDetail", "Imprint", "ImprintName")
    subjects = every(product, *detail, "Subject", "SubjectHeadingText")
    descriptions = every(product, "CollateralDetail", "TextContent", "Text")
    columns = titles, subtitles, series, names, publishers, subjects, descriptions
    return [" ".join(column) for column in columns]


def prices(product):
    for supply in product.iterchildren("{*}ProductSupply"):
        for price in supply.iterfind("{*}SupplyDetail/{*}Price"):
            one = {local_name(child): text(child) for child in price.iterchildren(etree.Element)}
            countries = every(price, "Territory", "CountriesIncluded")
            yield one.get("PriceType"), one.get("CurrencyCode"), one.get("PriceAmount"), " ".join(countries)


def create(path):
    if os.path.exists(path):
        os.remove(path)
    database = sqlite3.connect(path)
    database.executescript("""
        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE VIRTUAL TABLE words USING fts5(title, subtitle, series, contributors, publisher, subjects, description,
            tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
        CREATE TABLE identifiers (value TEXT, product INTEGER);
        CREATE TABLE prices (product INTEGER, type TEXT, currency TEXT, amount TEXT, countries TEXT);
    """)
    return database


def index(database, paths):
    products = 0
    for path in paths:
        for _, product in etree.iterparse(path, tag="{*}Product", resolve_entities=False, no_network=True):
            products += 1
            database.execute("INSERT INTO words (rowid, title, subtitle, series, contributors, publisher, subjects, description) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [products, *words(product)])
            ids = every(product, "ProductIdentifier", "IDValue") + every(product, "RecordReference")
            database.executemany("INSERT INTO identifiers VALUES (?, ?)", [(value, products) for value in ids])
            database.executemany("INSERT INTO prices VALUES (?, ?, ?, ?, ?)",
                                 [(products, *price) for price in prices(product)])
            product.clear()
            while product.getprevious() is not None:
                del product.getparent()[0]
    database.executescript("CREATE INDEX by_identifier ON identifiers (value); CREATE INDEX by_product ON prices (product);")
    database.commit()
    return products


def search(database, queries):
    times = []
    for query in queries:
        terms = " ".join('"' + word.replace('"', '""') + '"' for word in query.split())
        start = time.perf_counter()
        database.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words, 10, 5, 7, 9, 3, 3, 1) LIMIT 10",
                         [terms]).fetchall()
        times.append((time.perf_counter() - start) * 1e6)
    times.sort()
    at = lambda share: times[min(int(len(times) * share), len(times) - 1)]
    print(f"{len(times)} searches: p50 {at(.5):.0f} µs, p90 {at(.9):.0f} µs, p99 {at(.99):.0f} µs")


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    database = create(arguments[0])
    start = time.perf_counter()
    products = index(database, arguments[1:])
    seconds = time.perf_counter() - start
    print(f"{products} products in {seconds:.1f} s, {products / seconds:.0f} a second")
    queries = [] if sys.stdin.isatty() else [line for line in sys.stdin.read().splitlines() if line.strip()]
    if queries:
        search(database, queries)


if __name__ == "__main__":
    main(sys.argv[1:])
