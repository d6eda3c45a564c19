//! What of the whole catalogue changes with every commit: which records are outdone, and which are marked.

use crate::model::code::coded_struct;

/// Records of a part that later ones have outdone.
#[derive(Debug, Clone, Default)]
pub(super) struct Dead {
    bits: Vec<u64>,
    pub(super) n: u32,
}

/// What of the whole catalogue changes with every commit; the newest part has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// The first serial number that is free.
    pub(super) next_serial: u64,
    pub(super) products: u64,
    /// Of each part that has any, those of its records that are outdone, each by its distance from the one before.
    pub(super) dead: Vec<DeadOf>,
    /// Products whose last record was set aside.
    pub(super) marks: Vec<u64>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct DeadOf {
    pub(super) part: String,
    pub(super) steps: Vec<u64>,
}

coded_struct!(Standing {
    next_serial,
    products,
    dead,
    marks,
});
coded_struct!(DeadOf { part, steps });

impl Dead {
    #[inline]
    pub(super) fn has(&self, n: u32) -> bool {
        let word = self.bits.get(n as usize / 64);
        word.is_some_and(|word| word >> (n % 64) & 1 != 0)
    }

    pub(super) fn add(&mut self, n: u32) {
        let at = n as usize / 64;
        if at >= self.bits.len() {
            self.bits.resize(at + 1, 0);
        }
        let bit = 1 << (n % 64);
        self.n += u32::from(self.bits[at] & bit == 0);
        self.bits[at] |= bit;
    }

    pub(super) fn steps(&self) -> Vec<u64> {
        let all = (0..self.bits.len() as u32 * 64).filter(|n| self.has(*n));
        let mut last = 0;
        all.map(|n| u64::from(n - std::mem::replace(&mut last, n)))
            .collect()
    }

    pub(super) fn of_steps(steps: &[u64]) -> Self {
        let mut out = Self::default();
        let mut n = 0u32;
        for step in steps {
            n = n.saturating_add(u32::try_from(*step).unwrap_or(u32::MAX));
            // A damaged list asks for no more than a part can have.
            if n < 1 << 28 {
                out.add(n);
            }
        }
        out
    }
}
