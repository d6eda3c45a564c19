//! What the elements that decide are called, in ONIX and in the platform's own `xml` format: for
//! reasons.

/// Names of elements, and what is expected of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elements {
    pub(crate) format: &'static str,
    pub(crate) protection: &'static str,
    pub(crate) publishing_status: &'static str,
    pub(crate) active: &'static str,
    /// `None` where there is no such statement.
    pub(crate) sales_rights: Option<&'static str>,
    /// What says in which countries it is sold.
    pub(crate) market: &'static str,
    pub(crate) of_country: &'static str,
    /// What the availability must be for a sale, and for a preorder.
    pub(crate) for_sale: &'static str,
    pub(crate) for_preorder: &'static str,
    pub(crate) price: &'static str,
    pub(crate) amount: &'static str,
    /// `None` where nothing says when the record was sent.
    pub(crate) sent: Option<&'static str>,
}

pub(crate) static ONIX: Elements = Elements {
    format: "ProductForm",
    protection: "EpubTechnicalProtection",
    publishing_status: "PublishingStatus",
    active: "PublishingStatus 04 (active)",
    sales_rights: Some("SalesRights"),
    market: "Market",
    of_country: "a market with the country",
    for_sale: "ProductAvailability 20 to 23",
    for_preorder: "ProductAvailability 40, PublishingDate 09 reached, SupplyDate 02 to come",
    price: "Price",
    amount: "PriceAmount",
    sent: Some("SentDateTime"),
};

pub(crate) static XML: Elements = Elements {
    format: "nature",
    protection: "protection",
    publishing_status: "publishing_status",
    active: "publishing_status 04 (active)",
    sales_rights: None,
    market: "costs",
    of_country: "a cost for the country",
    for_sale: "state sell",
    for_preorder: "state preorder, start_sale_at to come",
    price: "cost",
    amount: "amount",
    sent: None,
};
