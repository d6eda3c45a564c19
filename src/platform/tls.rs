//! TLS as this client speaks it: the system's certificates, and no default of the process touched.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;

use crate::error::{Error, ErrorKind, Result};

/// What a connection is made with.
pub(crate) fn config() -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map(|builder| builder.with_no_client_auth())
        .map_err(|error| {
            Error::new(ErrorKind::Account {
                what: "the certificates of this machine can't be used".to_owned(),
            })
            .because(error)
        })
}
