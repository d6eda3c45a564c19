//! What a shop is about to ask of the platform.

use super::account::Account;
use super::moment::Moment;
use super::offer::Offer;
use super::protection::Protection;
use super::territory::Country;

/// Which service the request is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Kind {
    /// Sale simulation: nothing is recorded.
    #[default]
    Simulation,
    /// A sale.
    Sale,
    /// A preorder.
    Preorder,
}

impl Kind {
    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "simulation" => Some(Kind::Simulation),
            "sale" => Some(Kind::Sale),
            "preorder" => Some(Kind::Preorder),
            _ => None,
        }
    }
}

/// A simulation, sale or preorder with its parameters as they would be sent: any text, or none.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct SaleRequest {
    /// The publication's ISBN, EAN or own key.
    pub id: String,
    /// Which service.
    pub kind: Kind,
    /// `format`
    pub format: Option<String>,
    /// `cost`, in the currency's minor unit.
    pub cost: Option<String>,
    /// `protection`
    pub protection: Option<String>,
    /// `drm_type`
    pub drm_type: Option<String>,
    /// `country`
    pub country: Option<String>,
    /// `currency`
    pub currency: Option<String>,
    /// `price_type`
    pub price_type: Option<String>,
    /// `cost_without_taxes`
    pub cost_without_taxes: Option<String>,
    /// `customer_id`
    pub customer_id: Option<String>,
    /// `transaction_id`
    pub transaction_id: Option<String>,
    /// `credit_card_prefix`
    pub credit_card_prefix: Option<String>,
    /// `sale_state`
    pub sale_state: Option<String>,
    /// `aggregator`
    pub aggregator: Option<String>,
    /// `uname`
    pub uname: Option<String>,
    /// `for`: a preorder's format.
    pub for_format: Option<String>,
    /// The moment of the request.
    pub at: Moment,
}

impl SaleRequest {
    /// A request for a publication at a moment, without parameters yet.
    pub fn new(kind: Kind, id: impl Into<String>, at: Moment) -> Self {
        Self {
            id: id.into(),
            kind,
            at,
            ..Self::default()
        }
    }

    /// The simulation of a sale at an offer, in that country or the account's or the offer's first; `None` where the
    /// offer has no price or no country.
    pub fn of_offer(
        id: &str,
        offer: &Offer,
        country: Option<Country>,
        account: &Account,
        at: Moment,
    ) -> Option<Self> {
        let countries = offer.countries.countries();
        let home = account.country.filter(|home| countries.contains(home));
        let country = country.or(home).or_else(|| countries.first().copied())?;
        let mut request = Self::new(Kind::Simulation, id, at);
        request.format = offer.format.map(|format| format.as_str().to_owned());
        request.cost = Some(offer.cost?.to_string());
        request.country = Some(country.alpha2().to_owned());
        request.currency = offer.currency.map(|currency| currency.to_string());
        request.price_type = offer.price_type.clone();
        request.cost_without_taxes = match account.cost_without_taxes {
            true => Some(offer.cost_without_taxes.or(offer.cost)?.to_string()),
            false => None,
        };
        let words = offer.protections.words();
        request.protection = Protection::ALL
            .into_iter()
            .map(Protection::as_str)
            .find(|word| words.contains(word))
            .map(str::to_owned);
        Some(request)
    }

    /// The parameter of that name (as the platform spells it), to be set.
    pub fn parameter_mut(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "format" => &mut self.format,
            "cost" => &mut self.cost,
            "protection" => &mut self.protection,
            "drm_type" => &mut self.drm_type,
            "country" => &mut self.country,
            "currency" => &mut self.currency,
            "price_type" => &mut self.price_type,
            "cost_without_taxes" => &mut self.cost_without_taxes,
            "customer_id" => &mut self.customer_id,
            "transaction_id" => &mut self.transaction_id,
            "credit_card_prefix" => &mut self.credit_card_prefix,
            "sale_state" => &mut self.sale_state,
            "aggregator" => &mut self.aggregator,
            "uname" => &mut self.uname,
            "for" => &mut self.for_format,
            _ => return None,
        })
    }

    /// The parameters that are there, by the platform's names.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("format", &self.format),
            ("cost", &self.cost),
            ("protection", &self.protection),
            ("drm_type", &self.drm_type),
            ("country", &self.country),
            ("currency", &self.currency),
            ("price_type", &self.price_type),
            ("cost_without_taxes", &self.cost_without_taxes),
            ("customer_id", &self.customer_id),
            ("transaction_id", &self.transaction_id),
            ("credit_card_prefix", &self.credit_card_prefix),
            ("sale_state", &self.sale_state),
            ("aggregator", &self.aggregator),
            ("uname", &self.uname),
            ("for", &self.for_format),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// Sets a parameter by its name; unknown names are left out.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Some(parameter) = self.parameter_mut(name) {
            *parameter = Some(value.into());
        }
        self
    }
}
