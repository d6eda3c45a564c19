//! Texts that mean harm to whatever shows them: terminals, spreadsheets, web pages, logs.
#![allow(dead_code, reason = "each test file uses a part of it")]

/// One of each kind.
pub(crate) const TEXTS: [&str; 36] = [
    // Escape sequences: colours, the window's title, a link, the clipboard, an answer typed in our name.
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1b}[2J\u{1b}[Hcleared",
    "\u{1b}]0;titled\u{7}",
    "\u{1b}]8;;http://evil.example\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}]52;c;ZXZpbA==\u{7}",
    "\u{1b}P$q\"p\u{1b}\\",
    "\u{1b}[6n",
    // Controls, of C0 and of C1.
    "bell\u{7}back\u{8}\u{8}\u{8}\u{8}feed\u{c}",
    "harmless\rEVIL",
    "one\nOX000 another line",
    "\u{9b}31mred\u{9b}0m",
    "\u{9d}0;titled\u{9c}",
    "\u{85}next\u{84}",
    "nothing\u{0}behind",
    "\u{7f}\u{7f}deleted",
    "\u{e}shifted\u{f}",
    // The direction of writing.
    "\u{202e}gpj.exe",
    "\u{2066}\u{2069}\u{202d}isolated",
    "\u{200f}\u{61c}marked",
    // Web pages.
    "<script>alert(1)</script>",
    "</title><script>alert(2)</script>",
    "\"><img src=x onerror=alert(3)>",
    "'><svg onload=alert(4)>",
    "\" onmouseover=\"alert(5)",
    "' onfocus='alert(6)' autofocus='",
    "&lt;script&gt;alert(7)&lt;/script&gt;",
    "</script><script>alert(8)//",
    "<!--<script>-->]]>{{7*7}}${7*7}",
    "javascript:alert(9)",
    "<iframe srcdoc=\"<script>alert(10)</script>\">",
    // Spreadsheets.
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
];

/// Pieces that random texts are made of.
pub(crate) const PIECES: [&str; 28] = [
    "\u{1b}[",
    "\u{1b}]0;",
    "\u{7}",
    "\u{8}",
    "\u{9b}",
    "\u{9d}",
    "\u{0}",
    "\r",
    "\n",
    "\t",
    "\u{7f}",
    "\u{202e}",
    "\u{2066}",
    "<script>",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "<",
    ">",
    "\"",
    "'",
    "&",
    "&lt;",
    "=",
    "+",
    "-",
    "@",
    "harbour",
    "é漢",
];

/// A very long one.
pub(crate) fn long() -> String {
    "<b>\u{1b}[1m=long ".repeat(4_000)
}

/// Whether a terminal may do something else with it than show it.
pub(crate) fn is_control(c: char) -> bool {
    !matches!(c, '\n' | '\t')
        && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// Percent-encoded, whatever it is.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// An ISBN of its own, with its check digit.
pub(crate) fn isbn(n: usize) -> String {
    let body = format!("97988{n:07}");
    let sum: u32 = body
        .bytes()
        .zip([1, 3].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A message of one product a text, which has it wherever a text may stand.
pub(crate) fn message(texts: &[String]) -> String {
    let products: String = texts
        .iter()
        .enumerate()
        .map(|(n, text)| product(n, text))
        .collect();
    format!(
        r#"<ONIXMessage xmlns="http://ns.editeur.org/onix/3.0/reference" release="3.0">
<Header><Sender><SenderName>House</SenderName></Sender><SentDateTime>20260101</SentDateTime></Header>
{products}</ONIXMessage>"#
    )
}

fn product(n: usize, text: &str) -> String {
    let isbn = isbn(n);
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\r', "&#13;");
    format!(
        r#"<Product><RecordReference>hostile.{n}</RecordReference><NotificationType>03</NotificationType>
<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>
<DescriptiveDetail><ProductComposition>00</ProductComposition><ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail>
<EpubTechnicalProtection>02</EpubTechnicalProtection>
<Collection><CollectionType>10</CollectionType><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>02</TitleElementLevel><TitleText>{text}</TitleText></TitleElement></TitleDetail></Collection>
<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>{text}</TitleText><Subtitle>{text}</Subtitle></TitleElement></TitleDetail>
<Contributor><SequenceNumber>1</SequenceNumber><ContributorRole>A01</ContributorRole><PersonName>{text}</PersonName><PersonNameInverted>{text}</PersonNameInverted></Contributor>
<Language><LanguageRole>01</LanguageRole><LanguageCode>eng</LanguageCode></Language>
<Subject><SubjectSchemeIdentifier>20</SubjectSchemeIdentifier><SubjectHeadingText>{text}</SubjectHeadingText></Subject>
</DescriptiveDetail>
<CollateralDetail><TextContent><TextType>03</TextType><ContentAudience>00</ContentAudience><Text textformat="02">{text}</Text></TextContent></CollateralDetail>
<PublishingDetail><Imprint><ImprintName>{text}</ImprintName></Imprint><Publisher><PublishingRole>01</PublishingRole><PublisherName>{text}</PublisherName></Publisher><PublishingStatus>04</PublishingStatus>
<SalesRights><SalesRightsType>01</SalesRightsType><Territory><RegionsIncluded>WORLD</RegionsIncluded></Territory></SalesRights></PublishingDetail>
<ProductSupply><SupplyDetail><Supplier><SupplierRole>01</SupplierRole><SupplierName>{text}</SupplierName></Supplier>
<ProductAvailability>20</ProductAvailability>
<Price><PriceType>04</PriceType><PriceAmount>9.99</PriceAmount><CurrencyCode>EUR</CurrencyCode>
<Territory><CountriesIncluded>FR</CountriesIncluded></Territory></Price></SupplyDetail></ProductSupply>
</Product>
"#
    )
}
