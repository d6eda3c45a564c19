//! What is counted and measured, as Prometheus reads it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::model::Moment;
use crate::shop::Freshness;

/// Seconds between which answers are counted: from a lookup to what is too long.
const SECONDS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0,
];

/// Answers after which what was measured of them is added up: until then each is kept by itself.
const UPKEEP: u64 = 4_096;

/// The meters of one server.
pub(super) struct Meters {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    n_answers: AtomicU64,
}

impl Meters {
    pub(super) fn new() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&SECONDS)
            .expect("there are buckets")
            .build_recorder();
        let handle = recorder.handle();
        Self {
            recorder,
            handle,
            n_answers: AtomicU64::new(0),
        }
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
        // Whether or not anybody ever reads them.
        if self.n_answers.fetch_add(1, Ordering::Relaxed) % UPKEEP == UPKEEP - 1 {
            self.handle.run_upkeep();
        }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn anonymous_kib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("RssAnon"));
        let kib = line.and_then(|line| line.split_ascii_whitespace().nth(1));
        kib.unwrap().parse().unwrap()
    }

    #[test]
    fn what_nobody_reads_takes_no_more_memory_with_time() {
        let meters = Meters::new();
        let count =
            |n: u32| (0..n).for_each(|_| meters.count("check", 200, Duration::from_millis(1)));
        // One by one a million are eight megabytes and more. Other tests of this process take memory of theirs, though
        // hardly each time.
        let grown = (0..5).map(|_| {
            let before = anonymous_kib();
            count(1_000_000);
            anonymous_kib().saturating_sub(before)
        });
        let least = grown.min().unwrap();
        assert!(least < 4_096, "{least} KiB");
        let render = meters.handle.render();
        assert!(
            render.contains("onix_http_request_seconds_count{service=\"check\"} 5000000"),
            "{render}"
        );
    }
}
