//! What is counted and measured, as Prometheus reads it.

use std::time::Duration;

use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::model::Moment;
use crate::shop::Freshness;

/// Seconds between which answers are counted: from a lookup to what is too long.
const SECONDS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0,
];

/// The meters of one server.
pub(super) struct Meters {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Meters {
    pub(super) fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .expect("there are buckets")
            .build_recorder();
        let handle = recorder.handle();
        Self { recorder, handle }
    }

    /// Counts an answer by the service that it is of, which is none of the paths: those have no end.
    pub(super) fn count(&self, service: &'static str, status: u16, took: Duration) {
        with_local_recorder(&self.recorder, || {
            let status = status.to_string();
            counter!("onix_http_requests_total", "service" => service, "status" => status)
                .increment(1);
            histogram!("onix_http_request_seconds", "service" => service)
                .record(took.as_secs_f64());
        });
    }

    /// All of them, with the catalogue as it is now.
    pub(super) fn told(&self, freshness: &Freshness, now: Moment) -> String {
        with_local_recorder(&self.recorder, || {
            let stats = &freshness.stats;
            gauge!("onix_catalogue_products").set(stats.products as f64);
            gauge!("onix_catalogue_generation").set(stats.generation as f64);
            gauge!("onix_catalogue_bytes").set(stats.bytes as f64);
            if let Some(age_s) = freshness.age_s(now) {
                gauge!("onix_catalogue_age_seconds").set(age_s as f64);
            }
        });
        self.handle.run_upkeep();
        self.handle.render()
    }
}
