//! How far a long piece of work has come, on a terminal only.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Context;

/// Bytes read of all there are, products a second, products set aside, time left.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Bytes read so far, counted by those who read.
    bytes: Arc<AtomicU64>,
    n_products: u64,
    n_rejected: u64,
}

impl Progress {
    pub(crate) fn new(context: &Context, total: Option<u64>) -> Self {
        let is_hidden = context.global.no_progress || context.messages.quiet;
        let target = match is_hidden {
            true => ProgressDrawTarget::hidden(),
            // Hides itself where standard error is no terminal.
            false => ProgressDrawTarget::stderr_with_hz(8),
        };
        let bar = ProgressBar::with_draw_target(total, target);
        let template = match total {
            Some(_) => "{bar:24} {bytes} of {total_bytes}, {msg}, {eta} left",
            None => "{spinner} {bytes}, {msg}",
        };
        let style = ProgressStyle::with_template(template).expect("a template that is tested");
        bar.set_style(style);
        bar.set_message("reading");
        Self {
            bar,
            bytes: Arc::default(),
            n_products: 0,
            n_rejected: 0,
        }
    }

    /// Where those who read count the bytes.
    pub(crate) fn bytes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes)
    }

    /// A product has been read.
    pub(crate) fn product(&mut self) {
        self.n_products += 1;
        if self.n_products.is_multiple_of(64) {
            self.tell();
        }
    }

    pub(crate) fn rejected(&mut self) {
        self.n_rejected += 1;
        self.tell();
    }

    fn tell(&self) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(self.bytes.load(Ordering::Relaxed));
        let seconds = self.bar.elapsed().as_secs_f64().max(0.001);
        let rate = (self.n_products as f64 / seconds) as u64;
        let n_rejected = self.n_rejected;
        self.bar
            .set_message(format!("{rate} products/s, {n_rejected} set aside"));
    }

    /// Prints something without garbling the bar.
    pub(crate) fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Something else is being done now.
    pub(crate) fn finishing(&self, what: &'static str) {
        self.bar.set_message(what);
        self.bar.tick();
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_well_formed() {
        for template in [
            "{bar:24} {bytes} of {total_bytes}, {msg}, {eta} left",
            "{spinner} {bytes}, {msg}",
        ] {
            ProgressStyle::with_template(template).unwrap();
        }
    }
}
