//! The platform's services: which of them a path is of, and the formats they answer in.

use super::request::Request;

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
    const ALL: [Service; 13] = [
        Service::Lists,
        Service::List,
        Service::Full,
        Service::Delta,
        Service::One,
        Service::Simulate,
        Service::Sale,
        Service::Download,
        Service::Cancel,
        Service::Preorder,
        Service::Status,
        Service::Toc,
        Service::Publishers,
    ];

    /// Their words, in the order of the services.
    pub(super) const WORDS: [&'static str; 13] = [
        "lists",
        "list",
        "full",
        "delta",
        "one",
        "simulate",
        "sale",
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
}

impl Route {
    /// The service that a request is for; `None` where there is none at that path.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments[..] {
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
            ["publications", "lists", last] => Some(Self::named(Service::List, last)),
            ["publications", last] => Some(Self::of_publications(last)),
            _ => None,
        }
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Option<Route> {
        Route::of(&Request {
            path: path.into(),
            ..Request::default()
        })
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
}
