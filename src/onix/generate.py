#!/usr/bin/env python3
"""Writes the tables that this crate takes from EDItEUR's schemas and code lists.

Download EDItEUR's schemas for ONIX for Books 2.1, 3.0 and 3.1, the 2.1 DTD and the code lists
(as JSON) from https://www.editeur.org into one folder laid out as

    xsd2.1/  xsd3.0/  xsd3.1/  dtd2.1/  onix-codelists-issueNN.json

then run `python3 src/onix/generate.py FOLDER`. It needs nothing but Python's standard library and
writes the same bytes for the same input:

    src/onix/tag/table.rs            the elements, by reference name and short tag
    src/onix/entities/table.rs       the named entities of the 2.1 DTD and of HTML
    src/onix/codes/table.rs          the code lists
    src/model/territory/table.rs     countries, their parts, and how they relate
    src/model/money/currencies.rs    currencies and their decimal places

What EDItEUR doesn't say (alpha-3 codes, decimal places, which parts make up the whole of a country)
stands below in tables of our own. Each is checked against the code lists, so that a new issue with a
country or a currency that the table lacks stops here and is not guessed at.
"""

import html.entities
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
XS = "{http://www.w3.org/2001/XMLSchema}"

# Newest first: where releases differ, the newest has the first word.
RELEASES = ["3.1", "3.0", "2.1"]
RELEASE_BITS = {"2.1": 0b001, "3.0": 0b010, "3.1": 0b100}
# Most permissive first: a reader that expects the first of two is not surprised by the second.
CONTENTS = ["Markup", "Composite", "Data", "Empty"]

# ISO 3166-1 alpha-3 by alpha-2, for List 91. AN, CS (Serbia and Montenegro) and YU are withdrawn.
ALPHA3 = """
AD AND, AE ARE, AF AFG, AG ATG, AI AIA, AL ALB, AM ARM, AN ANT, AO AGO, AQ ATA, AR ARG, AS ASM,
AT AUT, AU AUS, AW ABW, AX ALA, AZ AZE, BA BIH, BB BRB, BD BGD, BE BEL, BF BFA, BG BGR, BH BHR,
BI BDI, BJ BEN, BL BLM, BM BMU, BN BRN, BO BOL, BQ BES, BR BRA, BS BHS, BT BTN, BV BVT, BW BWA,
BY BLR, BZ BLZ, CA CAN, CC CCK, CD COD, CF CAF, CG COG, CH CHE, CI CIV, CK COK, CL CHL, CM CMR,
CN CHN, CO COL, CR CRI, CS SCG, CU CUB, CV CPV, CW CUW, CX CXR, CY CYP, CZ CZE, DE DEU, DJ DJI,
DK DNK, DM DMA, DO DOM, DZ DZA, EC ECU, EE EST, EG EGY, EH ESH, ER ERI, ES ESP, ET ETH, FI FIN,
FJ FJI, FK FLK, FM FSM, FO FRO, FR FRA, GA GAB, GB GBR, GD GRD, GE GEO, GF GUF, GG GGY, GH GHA,
GI GIB, GL GRL, GM GMB, GN GIN, GP GLP, GQ GNQ, GR GRC, GS SGS, GT GTM, GU GUM, GW GNB, GY GUY,
HK HKG, HM HMD, HN HND, HR HRV, HT HTI, HU HUN, ID IDN, IE IRL, IL ISR, IM IMN, IN IND, IO IOT,
IQ IRQ, IR IRN, IS ISL, IT ITA, JE JEY, JM JAM, JO JOR, JP JPN, KE KEN, KG KGZ, KH KHM, KI KIR,
KM COM, KN KNA, KP PRK, KR KOR, KW KWT, KY CYM, KZ KAZ, LA LAO, LB LBN, LC LCA, LI LIE, LK LKA,
LR LBR, LS LSO, LT LTU, LU LUX, LV LVA, LY LBY, MA MAR, MC MCO, MD MDA, ME MNE, MF MAF, MG MDG,
MH MHL, MK MKD, ML MLI, MM MMR, MN MNG, MO MAC, MP MNP, MQ MTQ, MR MRT, MS MSR, MT MLT, MU MUS,
MV MDV, MW MWI, MX MEX, MY MYS, MZ MOZ, NA NAM, NC NCL, NE NER, NF NFK, NG NGA, NI NIC, NL NLD,
NO NOR, NP NPL, NR NRU, NU NIU, NZ NZL, OM OMN, PA PAN, PE PER, PF PYF, PG PNG, PH PHL, PK PAK,
PL POL, PM SPM, PN PCN, PR PRI, PS PSE, PT PRT, PW PLW, PY PRY, QA QAT, RE REU, RO ROU, RS SRB,
RU RUS, RW RWA, SA SAU, SB SLB, SC SYC, SD SDN, SE SWE, SG SGP, SH SHN, SI SVN, SJ SJM, SK SVK,
SL SLE, SM SMR, SN SEN, SO SOM, SR SUR, SS SSD, ST STP, SV SLV, SX SXM, SY SYR, SZ SWZ, TC TCA,
TD TCD, TF ATF, TG TGO, TH THA, TJ TJK, TK TKL, TL TLS, TM TKM, TN TUN, TO TON, TR TUR, TT TTO,
TV TUV, TW TWN, TZ TZA, UA UKR, UG UGA, UM UMI, US USA, UY URY, UZ UZB, VA VAT, VC VCT, VE VEN,
VG VGB, VI VIR, VN VNM, VU VUT, WF WLF, WS WSM, YE YEM, YT MYT, YU YUG, ZA ZAF, ZM ZMB, ZW ZWE
"""

# Codes that say nothing but other codes, by what EDItEUR's notes say beside them. The numbered codes
# of China's provinces are not here: their notes name their successors in one set phrase.
ALIASES = {
    "AN": "BQ CW SX",
    "CN-71": "TW",
    "CN-91": "HK",
    "CN-92": "MO",
    "CN-HK": "HK",
    "CN-MO": "MO",
    "CN-TW": "TW",
    "CS": "ME RS",
    "GB-CHA": "GG JE",
    "GB-EWS": "GB-ENG GB-SCT GB-WLS",
    "GB-IOM": "IM",
    "YU": "ME RS",
}

# Codes of List 49 that name more than one country.
GROUPS = {"ECZ", "WORLD"}

# Parts that lie inside other parts, or that have no counterpart to be apart from.
OVERLAPPING = ["GB-AIR", "GB-APS", "IE-AIR"]

# The countries whose parts in List 49, but for overlapping ones, leave nothing over; how many there
# are, and why that is all. The yardstick is ISO 3166-2: List 49 names each subdivision of one level
# that doesn't have a country code of its own. Whoever may sell in all of them may sell in the country;
# so a country is here only if no customer can be in it and in none of its parts.
#
# Russia is not: List 49 has the 83 subjects that ISO 3166-2 has, but many a shop counts Crimea, which
# ISO has under Ukraine, as Russia; there a customer is in RU and in none of the 83.
COMPLETE = {
    "AU": (8, "Six states and two territories, Jervis Bay with AU-CT. CC, CX and NF are countries."),
    "BE": (3, "The three regions."),
    "CA": (13, "Ten provinces and three territories."),
    "CN": (31, "The divisions of the mainland. HK, MO and TW are countries."),
    "GB": (4, "The four nations. GG, IM, JE and the overseas territories are countries."),
    "IT": (110, "The provinces; in Sardinia those of before 2016, which are again those since 2025."),
    "US": (51, "Fifty states and DC. AS, GU, MP, PR, UM and VI are countries."),
}

# The note on ECZ spells out what it is a synonym for; these are its words.
EUROZONE = [
    "AT BE BG CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK",
    "AD MC SM VA ME",
    "RS-KM",
]

# ISO 4217's minor units, for List 96; withdrawn currencies as they last stood (OpenJDK keeps those).
EXPONENTS = {
    0: """
BEF BIF BYR CLP DJF ESP GNF GRD ISK ITL JPY KMF KRW LUF MGF PTE PYG ROL RWF TPE TRL UGX VND VUV XAF
XOF XPF
""",
    2: """
AED AFA AFN ALL AMD ANG AOA ARS ATS AUD AWG AZN BAM BBD BDT BGL BGN BMD BND BOB BRL BSD BTN BWP BYN
BZD CAD CDF CHF CNY COP CRC CSD CUC CUP CVE CYP CZK DEM DKK DOP DZD EEK EGP ERN ETB EUR FIM FJD FKP
FRF GBP GEL GHC GHS GIP GMD GTQ GWP GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IRR JMD KES KGS KHR KPW
KYD KZT LAK LBP LKR LRD LSL LTL LVL MAD MDL MGA MKD MMK MNT MOP MRO MRU MTL MUR MVR MWK MXN MYR MZN
NAD NGN NIO NLG NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB RUR SAR SBD SCR SDD SDG SEK SGD
SHP SIT SKK SLE SLL SOS SRD SRG STD STN SVC SYP SZL THB TJS TMM TMT TOP TRY TTD TWD TZS UAH USD UYU
UZS VEB VEF VES WST XCD XCG YER YUM ZAR ZMK ZMW ZWD ZWG ZWL
""",
    3: "BHD IQD JOD KWD LYD OMR TND",
}

EDITEUR_NOTICE = """\
// ONIX for Books and its code lists are copyright EDItEUR Limited, used under EDItEUR's licence for
// its standards, https://doi.org/10.4400/nwgj; the notice in the file NOTICE applies to this file."""

ISO_NOTICE = """\
// (C) International Organization for Standardization 1986
// Permission to copy in any form is granted for use with conforming SGML systems and applications
// as defined in ISO 8879, provided this notice is included in all copies."""


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    folder = Path(arguments[0])
    issue, lists = code_lists(folder)
    write("src/onix/tag/table.rs", EDITEUR_NOTICE, tags(folder))
    write("src/onix/entities/table.rs", EDITEUR_NOTICE + "\n//\n" + ISO_NOTICE, entities(folder))
    write("src/onix/codes/table.rs", EDITEUR_NOTICE, codes(issue, lists))
    write("src/model/territory/table.rs", EDITEUR_NOTICE, territory(lists))
    write("src/model/money/currencies.rs", EDITEUR_NOTICE, currencies(lists))


# Elements


class Element:
    """What one release's schema says of an element."""

    def __init__(self, short, content, lists):
        self.short = short
        self.content = content
        self.lists = lists


class Schema:
    """One XSD, without what it includes: the code lists and XHTML."""

    def __init__(self, path):
        root = ElementTree.parse(path).getroot()
        self.complex_types = {t.get("name"): t for t in root.findall(XS + "complexType")}
        self.simple_types = {t.get("name"): t for t in root.findall(XS + "simpleType")}
        # `EpubLicense` is declared locally in 3.1, everything else at the top.
        self.elements = {}
        for element in root.iter(XS + "element"):
            if element.get("name"):
                self.elements[element.get("name")] = self.complex_type(element)

    def complex_type(self, element):
        """The chain of complex types that an element has, from its own to what it extends."""
        complex_type = element.find(XS + "complexType")
        if complex_type is None:
            complex_type = self.complex_types[element.get("type")]
        chain = [complex_type]
        while (base := self.complex_types.get(extended(chain[-1]))) is not None:
            chain.append(base)
        return chain

    def fixed(self, name, attribute):
        """The value of `refname` or `shortname`, written `fixed` in 2.1 and as enumeration in 3.x."""
        for complex_type in self.elements[name]:
            for candidate in complex_type.iter(XS + "attribute"):
                if candidate.get("name") == attribute:
                    values = [v.get("value") for v in candidate.iter(XS + "enumeration")]
                    return candidate.get("fixed") or values[0]
        raise ValueError(f"{name} has no {attribute}")

    def content(self, name):
        chain = self.elements[name]
        if any(t.get("mixed") == "true" for t in chain):
            return "Markup"
        if any(t.find(XS + "simpleContent") is not None for t in chain):
            return "Data"
        # An element refers to others or to a group of them.
        if any(t.find(".//" + XS + kind) is not None for t in chain for kind in ("element", "group")):
            return "Composite"
        return "Empty"

    def code_lists(self, name):
        """The code list of an element's text: of type `ListNN`, or of a list type over it."""
        base = extended(self.elements[name][0])
        if base in self.simple_types:
            of = self.simple_types[base].find(".//" + XS + "list")
            base = of.get("itemType") if of is not None else None
        match = re.fullmatch(r"List(\d+)", base or "")
        return [int(match[1])] if match else []


def extended(complex_type):
    extension = complex_type.find(".//" + XS + "extension")
    return extension.get("base") if extension is not None else None


def release_elements(folder, release):
    """The elements of a release by reference name; both of its schemas must say the same."""
    reference = Schema(only(folder / f"xsd{release}", "ONIX_BookProduct_*_reference.xsd"))
    short = Schema(only(folder / f"xsd{release}", "ONIX_BookProduct_*_short.xsd"))
    elements = {}
    for name in reference.elements:
        if reference.fixed(name, "refname") != name:
            raise ValueError(f"{release}: {name} has another refname")
        elements[name] = Element(
            reference.fixed(name, "shortname"), reference.content(name), reference.code_lists(name)
        )
    said_twice = {short.fixed(name, "refname"): name for name in short.elements}
    if said_twice != {name: element.short for name, element in elements.items()}:
        raise ValueError(f"{release}: reference and short tags disagree")
    return elements


def dtd_elements(folder):
    """Short tag by reference name, as the 2.1 DTD gives them."""
    text = without_comments((folder / "dtd2.1" / "reference.elt").read_text("latin-1"))
    names = dict(re.findall(r'<!ENTITY\s+%\s+ref\.(\S+)\s+"([^"]*)"', text))
    shorts = dict(re.findall(r'<!ENTITY\s+%\s+short\.(\S+)\s+"([^"]*)"', text))
    return {name: shorts[key] for key, name in names.items()}


def tags(folder):
    by_release = {release: release_elements(folder, release) for release in RELEASES}
    if dtd_elements(folder) != {name: e.short for name, e in by_release["2.1"].items()}:
        raise ValueError("2.1: DTD and XSD disagree")
    names = sorted({name for elements in by_release.values() for name in elements})

    # A short tag belongs to the name that the newest release gives it to, and a name has the short
    # tag of the newest release that knows it; what 2.1 says otherwise goes into a list of its own.
    owners, shorts, former = {}, {}, []
    for release in RELEASES:
        for name, element in by_release[release].items():
            owner = owners.setdefault(element.short, name)
            short = shorts.setdefault(name, element.short if owner == name else "")
            if short != element.short:
                if release != "2.1":
                    raise ValueError(f"{release}: {name} has the short tag {element.short}")
                former.append((element.short, name))
    former.sort()
    former_by_name = {name: short for short, name in former}

    variants, definitions = [], []
    for name in names:
        found = [(r, by_release[r][name]) for r in RELEASES if name in by_release[r]]
        contents = {element.content for _, element in found}
        if len(contents) > 1:
            said = ", ".join(f"{element.content} in {release}" for release, element in found)
            print(f"content of {name} differs: {said}", file=sys.stderr)
        content = min(contents, key=CONTENTS.index)
        lists = list(dict.fromkeys(n for _, element in found for n in element.lists))
        if len(lists) > 1:
            print(f"code lists of {name} differ: {lists}", file=sys.stderr)
        bits = sum(RELEASE_BITS[release] for release, _ in found)

        former_short = former_by_name.get(name)
        spelling = f"`{shorts[name] or former_short}`"
        if not shorts[name]:
            owner = owners[former_short]
            definitions.append(f"    // Its short tag in 2.1, {former_short}, is {owner} since.")
        elif former_short:
            spelling += f" (`{former_short}` in 2.1)"
        in_releases = enumeration(sorted(release for release, _ in found))
        variants.append(f"    /// {spelling}, in ONIX {in_releases}.\n    {name},")
        definitions.append(
            f"    Definition {{ name: {string(name)}, short: {string(shorts[name])}, "
            f"content: {content}, releases: 0b{bits:03b}, lists: &{lists} }},"
        )

    return f"""\
//! The elements of ONIX for Books, all releases in one table.

use self::Content::{{Composite, Data, Empty, Markup}};

/// The elements of ONIX for Books 2.1, 3.0 and 3.1, by EDItEUR's reference name.
///
/// The XHTML that may stand inside some of them is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
#[non_exhaustive]
#[allow(clippy::upper_case_acronyms, reason = "EDItEUR's spelling")]
pub enum Tag {{
    /// Any element that no release of ONIX for Books defines.
    Unknown = 0,
{lines(variants)}
}}

/// What an element may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {{
    /// Other elements only.
    Composite,
    /// Text only.
    Data,
    /// Nothing: that it is there says it all.
    Empty,
    /// Text with XHTML in it.
    Markup,
}}

/// What the schemas say of an element.
///
/// Where releases disagree on the content, it is the first of `Markup`, `Composite`, `Data`, `Empty`.
pub(super) struct Definition {{
    /// The reference name.
    pub(super) name: &'static str,
    /// The short tag of the newest release that has the element; see [`SHORT_2_1`] for the rest.
    pub(super) short: &'static str,
    pub(super) content: Content,
    /// Bit 0 is 2.1, bit 1 is 3.0, bit 2 is 3.1.
    pub(super) releases: u8,
    /// The code lists that its text is from, 3.1's first. Some of 2.1's, such as 7 and 10, are no
    /// longer among EDItEUR's lists.
    pub(super) lists: &'static [u16],
}}

/// By `Tag as u16`, and so by name.
#[rustfmt::skip]
pub(super) static DEFINITIONS: [Definition; {len(names) + 1}] = [
    Definition {{ name: "", short: "", content: Markup, releases: 0, lists: &[] }},
{lines(definitions)}
];

/// The tag that has this place in [`DEFINITIONS`].
pub(super) static TAGS: [Tag; {len(names) + 1}] = [
    Tag::Unknown,
{lines(f"    Tag::{name}," for name in names)}
];

/// The short tags that only 2.1 has for the element, or that mean another element since; sorted.
pub(super) static SHORT_2_1: [(&str, Tag); {len(former)}] = [
{lines(f"    ({string(short)}, Tag::{name})," for short, name in former)}
];
"""


# Entities


def entities(folder):
    dtd = sorted(dtd_entities(folder / "dtd2.1", "onix-international.dtd", {}).items())
    # The names without a semicolon are HTML's leniency towards old pages.
    html5 = sorted((n[:-1], v) for n, v in html.entities.html5.items() if n.endswith(";"))
    differing = len(set(dtd) - set(html5))
    return f"""\
//! Named entities and what they stand for, sorted by name.

/// The entities of the ONIX for Books 2.1 DTD.
///
/// It declares some names twice, of which the first counts: XHTML's symbols come before ISO's sets.
/// HTML knows all of them, and gives {differing} of them another value.
#[rustfmt::skip]
pub(super) static DTD: [(&str, &str); {len(dtd)}] = [
{lines(f"    ({string(name)}, {ascii_string(value)})," for name, value in dtd)}
];

/// HTML's named character references that end in a semicolon.
#[rustfmt::skip]
pub(super) static HTML: [(&str, &str); {len(html5)}] = [
{lines(f"    ({string(name)}, {ascii_string(value)})," for name, value in html5)}
];
"""


# A declaration (1: a parameter entity's name and 2: file, or 3: a general entity's name and 4: value),
# any other declaration, or (5) a reference that pulls in a parameter entity.
MARKUP_DECLARATION = re.compile(
    r"""<!ENTITY\s+%\s+([\w.-]+)\s+(?:SYSTEM|PUBLIC\s+"[^"]*")\s+"([^"]*)"\s*>
    |<!ENTITY\s+([\w.-]+)\s+"([^"]*)"\s*>
    |<!(?=[A-Z])(?:[^"'>]|"[^"]*"|'[^']*')*>
    |%([\w.-]+);""",
    re.VERBOSE,
)


def dtd_entities(folder, file, found):
    """The general entities that a DTD's file declares, in the order in which a parser meets them."""
    files = {}
    text = without_comments((folder / file).read_text("latin-1"))
    for match in MARKUP_DECLARATION.finditer(text):
        parameter, target, name, value, reference = match.groups()
        if parameter:
            files.setdefault(parameter, target)
        elif name:
            found.setdefault(name, expanded(value))
        elif reference in files and (folder / files[reference]).exists():
            # The one that doesn't exist is the extension module, in a section that is ignored.
            dtd_entities(folder, files[reference], found)
    return found


def expanded(value):
    """An entity's text. Character references count once when it is declared, and once more when it
    is used: `lt` is declared as `&#38;#60;`."""
    for _ in range(2):
        value = re.sub(r"&#x([0-9A-Fa-f]+);", lambda m: chr(int(m[1], 16)), value)
        value = re.sub(r"&#([0-9]+);", lambda m: chr(int(m[1])), value)
    return value


def without_comments(text):
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


# Codes


def code_lists(folder):
    """The number of the newest issue, and its lists by number."""
    issues = [
        (int(match[1]), path)
        for path in folder.glob("onix-codelists-issue*.json")
        if (match := re.fullmatch(r"onix-codelists-issue(\d+)", path.stem))
    ]
    table = json.loads(max(issues)[1].read_text("utf-8"))["ONIXCodeTable"]
    lists = {}
    for code_list in table["CodeList"]:
        codes = {code["CodeValue"]: code for code in code_list["Code"]}
        if len(codes) != len(code_list["Code"]):
            raise ValueError(f"List {code_list['CodeListNumber']} has a code twice")
        lists[code_list["CodeListNumber"]] = (code_list["CodeListDescription"], codes)
    return table["IssueNumber"], lists


def codes(issue, lists):
    rows = []
    for number, (name, entries) in sorted(lists.items()):
        rows.append(f"    List {{ number: {number}, name: {string(name)}, codes: &[")
        for value, code in sorted(entries.items(), key=lambda item: item[0].encode()):
            rows.append(
                f"        Code {{ value: {string(value)}, label: {string(code['CodeDescription'])}, "
                f"deprecated: {code['DeprecatedNumber'] or 0} }},"
            )
        rows.append("    ] },")
    return f"""\
//! EDItEUR's code lists: the codes, what they mean, and whether they are still to be used.
//!
//! The lists that served 2.1 only, such as 7 and 10, have left them, and so have a few codes of
//! others, such as `ROW` of List 49.

/// The issue of the code lists.
pub(super) const ISSUE: u16 = {issue};

/// A code list.
pub(super) struct List {{
    pub(super) number: u16,
    pub(super) name: &'static str,
    /// Sorted by value.
    pub(super) codes: &'static [Code],
}}

/// A code of a list.
pub(super) struct Code {{
    pub(super) value: &'static str,
    pub(super) label: &'static str,
    /// The issue that deprecated it, 0 if none has.
    pub(super) deprecated: u16,
}}

/// All lists, sorted by number.
#[rustfmt::skip]
pub(super) static LISTS: [List; {len(lists)}] = [
{lines(rows)}
];
"""


# Territories


def territory(lists):
    countries, regions = lists[91][1], lists[49][1]
    alpha3 = dict(pair.split() for pair in ALPHA3.split(","))
    if set(alpha3) != set(countries):
        raise ValueError(f"ALPHA3 and List 91 differ: {set(alpha3) ^ set(countries)}")
    order = sorted(countries)

    aliases = territory_aliases(countries, regions)
    parts = sorted(set(regions) - set(aliases) - GROUPS)
    if not set(OVERLAPPING) <= set(parts):
        raise ValueError("OVERLAPPING names a part that List 49 lacks")
    for country, (count, _) in COMPLETE.items():
        of = [p for p in parts if p.startswith(country + "-") and p not in OVERLAPPING]
        if len(of) != count:
            raise ValueError(f"{country} has {len(of)} parts, not {count}: is it still complete?")

    note = regions["ECZ"]["CodeNotes"]
    if not all(codes in note for codes in EUROZONE):
        raise ValueError(f"the note on ECZ says otherwise: {note}")
    eurozone = sorted(" ".join(EUROZONE).split())

    country_rows = [
        f"    Country {{ alpha2: {string(c)}, alpha3: {string(alpha3[c])}, "
        f"withdrawn: {str(bool(countries[c]['DeprecatedNumber'])).lower()} }},"
        for c in order
    ]
    part_rows = [f"    ({string(p)}, {order.index(p.split('-')[0])})," for p in parts]
    alias_rows = [
        f"    ({string(code)}, &[{', '.join(map(string, of))}]),"
        for code, of in sorted(aliases.items())
    ]
    complete_rows = [f"    // {reason}\n    {string(c)}," for c, (_, reason) in COMPLETE.items()]
    return f"""\
//! Countries (List 91) and parts of countries (List 49), and how they relate.
//!
//! A country doesn't hold another: `US` is without `PR`, `FR` without `RE`, `CN` without `HK`, since
//! ISO 3166-1 gives each a code of its own. There is no `XK` in List 91; Kosovo is the part `RS-KM`.

/// A country or territory of List 91.
pub(super) struct Country {{
    /// ISO 3166-1 alpha-2.
    pub(super) alpha2: &'static str,
    /// ISO 3166-1 alpha-3.
    pub(super) alpha3: &'static str,
    /// ISO has withdrawn the code; [`ALIASES`] says what it stands for now.
    pub(super) withdrawn: bool,
}}

/// The countries, sorted by alpha-2 code.
#[rustfmt::skip]
pub(super) static COUNTRIES: [Country; {len(order)}] = [
{lines(country_rows)}
];

/// The parts of countries, each with the place of its country in [`COUNTRIES`]; sorted.
///
/// Codes that are in [`ALIASES`] and the groups `ECZ` and `WORLD` are not here.
#[rustfmt::skip]
pub(super) static PARTS: [(&str, u16); {len(parts)}] = [
{lines(part_rows)}
];

/// Codes that mean exactly what others mean together, by EDItEUR's notes; sorted.
///
/// The withdrawn countries are among them, with their successors: old messages still exclude `AN`,
/// and that has to exclude `CW`. None stands for another alias.
#[rustfmt::skip]
pub(super) static ALIASES: [(&str, &[&str]); {len(aliases)}] = [
{lines(alias_rows)}
];

/// The countries of which nothing is left outside their parts (but for [`OVERLAPPING`] ones).
///
/// All others have a remainder: `ES` beyond `ES-CN`, `FR` beyond `FR-H`, `RS` beyond `RS-KM` and
/// `RS-VO`, `IE` beyond `IE-AIR`; and of `RU` it is doubtful, as what many count as Russia is more
/// than ISO's 83 subjects. A wrong entry here would let a shop sell where it must not; a
/// missing one makes all parts of a country a little less than the country.
#[rustfmt::skip]
pub(super) static COMPLETE: [&str; {len(COMPLETE)}] = [
{lines(complete_rows)}
];

/// Parts that are not apart from the others of their country: airside shops (`GB-AIR`) are at
/// airports (`GB-APS`), airports are in one of the four nations, in which one the code doesn't say.
/// `IE-AIR` has no other part beside it and lies in the rest of Ireland in the same way.
///
/// All of the country holds them; any one nation doesn't.
#[cfg(test)]
pub(super) static OVERLAPPING: [&str; {len(OVERLAPPING)}] = [{", ".join(map(string, OVERLAPPING))}];

/// `ECZ`, the eurozone: European countries whose only currency is the euro, as the code's note lists
/// them. They are the members of the currency union, five states besides, and Kosovo; not the
/// territories elsewhere that use the euro, such as `GF` and `RE`.
#[rustfmt::skip]
pub(super) static EUROZONE: [&str; {len(eurozone)}] = [
{lines(f"    {string(code)}," for code in eurozone)}
];
"""


def territory_aliases(countries, regions):
    aliases = {code: of.split() for code, of in ALIASES.items()}
    for code, region in regions.items():
        successor = re.fullmatch(r"Deprecated in favor of (\w\w-\w+)", region["CodeNotes"] or "")
        if successor:
            aliases[code] = [successor[1]]
    known = countries | regions
    for code, of in aliases.items():
        if code not in known or not all(c in known and c not in aliases for c in of):
            raise ValueError(f"{code} can't stand for {of}")
    deprecated = {c for c, entry in known.items() if entry["DeprecatedNumber"]} - GROUPS
    if not deprecated <= set(aliases):
        raise ValueError(f"deprecated, and no alias: {deprecated - set(aliases)}")
    return aliases


# Currencies


def currencies(lists):
    exponents = {code: n for n, codes in EXPONENTS.items() for code in codes.split()}
    if set(exponents) != set(lists[96][1]):
        raise ValueError(f"EXPONENTS and List 96 differ: {set(exponents) ^ set(lists[96][1])}")
    rows = [f"    ({string(code)}, {n})," for code, n in sorted(exponents.items())]
    return f"""\
//! Currencies and how many decimal places their minor unit has.

/// The currencies of List 96 with ISO 4217's exponent, sorted; withdrawn ones as they last stood.
///
/// It says what the minor unit is, not how prices look: many are quoted without decimals, and
/// `MGA`, `MRO` and `MRU`, whose minor unit is a fifth, are 2 by ISO's convention.
#[rustfmt::skip]
pub(super) static CURRENCIES: [(&str, u8); {len(rows)}] = [
{lines(rows)}
];
"""


# Writing


def only(folder, pattern):
    """The one file of a folder that a pattern names."""
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise ValueError(f"{folder} has {len(found)} files {pattern}")
    return found[0]


def enumeration(words):
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def lines(rows):
    return "\n".join(rows)


def string(text):
    """A string literal; characters that can't be seen for what they are as escapes."""
    return '"' + "".join(c if visible(c) else escape(c) for c in text) + '"'


def ascii_string(text):
    return '"' + "".join(c if c.isascii() and visible(c) else escape(c) for c in text) + '"'


def visible(c):
    return c not in '"\\' and c.isprintable() and not unicodedata.category(c).startswith("M")


def escape(c):
    return "\\" + c if c in '"\\' else f"\\u{{{ord(c):x}}}"


def write(path, notice, text):
    target = ROOT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    first = "// @generated by src/onix/generate.py from EDItEUR's schemas; do not edit."
    target.write_text(f"{first}\n//\n{notice}\n\n{text}", "utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
