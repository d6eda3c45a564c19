//! The platform's services: which of them a path is of, and the formats they answer in.

use super::request::Request;

/// What describes a sale, a simulation or a preorder, and how it is to be answered.
const SALE: [&str; 16] = [
    "format",
    "cost",
    "protection",
    "drm_type",
    "country",
    "currency",
    "price_type",
    "cost_without_taxes",
    "customer_id",
    "transaction_id",
    "credit_card_prefix",
    "sale_state",
    "aggregator",
    "uname",
    "for",
    "output",
];

/// A service, by the word under which faults and the request log know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Lists,
    List,
    Full,
    Delta,
    One,
    Simulate,
    Sale,
    ExistingSale,
    Download,
    Cancel,
    Preorder,
    Status,
    Toc,
    Publishers,
}

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) service: Service,
    /// The organisation in the path; the table of contents has none.
    pub(super) organisation: Option<String>,
    /// The identifier of a publication or of a list.
    pub(super) id: String,
    /// What stands behind the dot at the end, where a service has formats.
    pub(super) suffix: Option<String>,
    /// What else the path says of a sale; empty where it says nothing.
    pub(super) sale: SalePath,
}

/// A sale, as the path of a service names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SalePath {
    pub(super) customer: String,
    pub(super) transaction: String,
    pub(super) format: String,
}

/// A format of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Wire {
    Onix,
    Xml,
}

impl Wire {
    pub(super) fn of_word(word: &str) -> Option<Self> {
        match word {
            "onix" => Some(Wire::Onix),
            "xml" => Some(Wire::Xml),
            _ => None,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Wire::Onix => "onix",
            Wire::Xml => "xml",
        }
    }
}

impl Service {
    const ALL: [Service; 14] = [
        Service::Lists,
        Service::List,
        Service::Full,
        Service::Delta,
        Service::One,
        Service::Simulate,
        Service::Sale,
        Service::ExistingSale,
        Service::Download,
        Service::Cancel,
        Service::Preorder,
        Service::Status,
        Service::Toc,
        Service::Publishers,
    ];

    /// Their words, in the order of the services.
    pub(super) const WORDS: [&'static str; 14] = [
        "lists",
        "list",
        "full",
        "delta",
        "one",
        "simulate",
        "sale",
        "existing_sale",
        "download",
        "cancel",
        "preorder",
        "status",
        "toc",
        "publishers",
    ];

    pub(super) fn of_word(word: &str) -> Option<Self> {
        let at = Self::WORDS.iter().position(|known| *known == word)?;
        Some(Self::ALL[at])
    }

    pub(super) fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// The method that it is asked with. S4 says so of lists that are asked for with GET; of other services nobody
    /// says anything else, and of the status and of an existing sale nobody says which it is.
    pub(super) fn method(self) -> &'static str {
        match self {
            Service::Lists | Service::Sale | Service::Cancel | Service::Preorder => "POST",
            _ => "GET",
        }
    }

    /// The parameters that it reads.
    pub(super) fn parameters(self) -> &'static [&'static str] {
        match self {
            Service::Full => &["start"],
            Service::Delta => &["from", "start", "to"],
            Service::Lists => &["reset_at", "format"],
            Service::Simulate | Service::Sale | Service::Preorder => &SALE,
            Service::ExistingSale => &["format", "customer_id"],
            Service::Download => &["uname", "drm_type"],
            Service::Cancel => &["customer_id", "transaction_id", "amount", "reason"],
            Service::List | Service::One | Service::Status | Service::Toc | Service::Publishers => {
                &[]
            }
        }
    }

    /// Whether it is one of those around a sale, which refuse with 400 what services of metadata refuse with 415.
    pub(super) fn is_of_sales(self) -> bool {
        matches!(
            self,
            Service::Simulate
                | Service::Sale
                | Service::ExistingSale
                | Service::Download
                | Service::Cancel
                | Service::Preorder
                | Service::Status
        )
    }
}

impl Route {
    /// The service that a request is for; `None` where there is none at that path.
    ///
    /// A segment without anything in it is one that a shop forgot to fill in, else one too many.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let segments = request.segments();
        let mut segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        Self::of_segments(&segments).or_else(|| {
            segments.retain(|segment| !segment.is_empty());
            Self::of_segments(&segments)
        })
    }

    fn of_segments(segments: &[&str]) -> Option<Self> {
        match *segments {
            ["api", "publications", id, last] => Self::toc(id, last),
            ["api", "organisations", organisation, ref rest @ ..] => {
                let route = Self::of_organisation(rest)?;
                Some(Self {
                    organisation: Some(organisation.to_owned()),
                    ..route
                })
            }
            _ => None,
        }
    }

    fn of_organisation(rest: &[&str]) -> Option<Self> {
        match *rest {
            ["publishers.json"] => Some(Self::new(Service::Publishers, "", None)),
            ["publications", "lists", last] if !last.is_empty() => {
                Some(Self::named(Service::List, last))
            }
            ["publications", last] if !last.is_empty() => Some(Self::of_publications(last)),
            ["publications", id, ref rest @ ..] => Self::of_sales(id, rest),
            [
                "customers",
                customer,
                "transactions",
                transaction,
                "publications",
                id,
                ref rest @ ..,
            ] => Self::of_a_sale(id, rest, customer, transaction),
            _ => None,
        }
    }

    /// The services below a publication.
    fn of_sales(id: &str, rest: &[&str]) -> Option<Self> {
        let service = match *rest {
            ["sales", "new"] => Service::Simulate,
            ["sales", "cancel"] => Service::Cancel,
            ["sales"] => Service::Sale,
            ["preorders"] => Service::Preorder,
            ["sales", transaction] if !transaction.is_empty() => {
                let mut route = Self::new(Service::ExistingSale, id, None);
                route.sale.transaction = transaction.to_owned();
                return Some(route);
            }
            _ => return None,
        };
        Some(Self::new(service, id, None))
    }

    /// The services below a customer's transaction.
    fn of_a_sale(id: &str, rest: &[&str], customer: &str, transaction: &str) -> Option<Self> {
        let (service, format) = match *rest {
            ["download_links", format] => (Service::Download, format),
            ["formats", format, "status"] => (Service::Status, format),
            _ => return None,
        };
        let mut route = Self::new(service, id, None);
        route.sale = SalePath {
            customer: customer.to_owned(),
            transaction: transaction.to_owned(),
            format: format.to_owned(),
        };
        Some(route)
    }

    fn of_publications(last: &str) -> Self {
        let route = Self::named(Service::One, last);
        let service = match route.id.as_str() {
            "full" => Service::Full,
            "delta" => Service::Delta,
            "lists" => Service::Lists,
            _ => Service::One,
        };
        Self { service, ..route }
    }

    fn toc(id: &str, last: &str) -> Option<Self> {
        let route = Self::named(Service::Toc, last);
        let is_toc = route.id == "toc" && route.suffix.is_some();
        is_toc.then(|| Self {
            id: id.to_owned(),
            ..route
        })
    }

    fn named(service: Service, last: &str) -> Self {
        match last.rsplit_once('.') {
            Some((id, suffix)) => Self::new(service, id, Some(suffix)),
            None => Self::new(service, last, None),
        }
    }

    fn new(service: Service, id: &str, suffix: Option<&str>) -> Self {
        Self {
            service,
            organisation: None,
            id: id.to_owned(),
            suffix: suffix.map(str::to_owned),
            sale: SalePath::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SaleRequest;

    fn route(path: &str) -> Option<Route> {
        Route::of(&Request {
            path: path.into(),
            ..Request::default()
        })
    }

    #[test]
    fn every_parameter_of_a_sale_is_one_of_a_request() {
        let mut request = SaleRequest::default();
        for name in SALE.into_iter().filter(|name| *name != "output") {
            assert!(request.parameter_mut(name).is_some(), "{name}");
        }
    }

    #[test]
    fn words_and_services_are_in_one_order() {
        for (service, word) in Service::ALL.into_iter().zip(Service::WORDS) {
            assert_eq!(service.as_str(), word);
            assert_eq!(Service::of_word(word), Some(service));
        }
    }

    #[test]
    fn paths_lead_to_services() {
        let service = |path: &str| route(path).map(|route| route.service);
        let of = "/api/organisations/ENQC7/publications";
        assert_eq!(service(&format!("{of}/full")), Some(Service::Full));
        assert_eq!(service(&format!("{of}/delta.xml")), Some(Service::Delta));
        assert_eq!(service(&format!("{of}/lists.onix")), Some(Service::Lists));
        assert_eq!(service(&format!("{of}/lists/7.xml")), Some(Service::List));
        assert_eq!(service("/api/publications/1/toc.js"), Some(Service::Toc));
        assert_eq!(service("/api/publications/1/toc"), None);
        assert_eq!(service("/api/organisations/A"), None);
        let one = route(&format!("{of}/10.1%2Fa.b.onix")).unwrap();
        assert_eq!(one.service, Service::One);
        assert_eq!(
            (one.id.as_str(), one.suffix.as_deref()),
            ("10.1/a.b", Some("onix"))
        );
        assert_eq!(one.organisation.as_deref(), Some("ENQC7"));
    }

    #[test]
    fn paths_lead_to_services_of_sales() {
        let service = |path: &str| {
            let path = format!("/api/organisations/A/publications{path}");
            route(&path).map(|route| (route.service, route.id))
        };
        let found = |service: Service, id: &str| Some((service, id.to_owned()));
        assert_eq!(service("/1.2/sales/new"), found(Service::Simulate, "1.2"));
        assert_eq!(service("/1/sales"), found(Service::Sale, "1"));
        assert_eq!(service("//sales"), found(Service::Sale, ""));
        assert_eq!(service("/1/sales/cancel"), found(Service::Cancel, "1"));
        assert_eq!(service("/1/sales/T-1"), found(Service::ExistingSale, "1"));
        assert_eq!(service("/1/preorders"), found(Service::Preorder, "1"));
        assert_eq!(service("/1/nothing"), None);
        assert_eq!(service("//full/"), found(Service::Full, "full"));
    }

    #[test]
    fn paths_name_a_sale() {
        let of = "/api/organisations/A/customers/c/transactions";
        let link = route(&format!("{of}//publications/1/download_links/epub")).unwrap();
        assert_eq!(link.service, Service::Download);
        assert_eq!(link.sale.customer, "c");
        assert_eq!(link.sale.transaction, "");
        let status = route(&format!("{of}/T-1/publications/1/formats/pdf/status")).unwrap();
        assert_eq!(status.service, Service::Status);
        assert_eq!(status.sale.transaction, "T-1");
        assert_eq!(status.sale.format, "pdf");
    }
}
