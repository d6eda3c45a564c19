//! Reads every record of every input, by any number of threads, in input order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};

use super::chunk::{self, Done};
use super::feed::Feed;
use super::inputs::Inputs;
use super::received::Received;
use super::turnstile::Turnstile;
use crate::error::{Error, Result};
use crate::onix::{Limits, Message, Notice, Record};

/// How inputs are read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadOptions {
    /// How many threads read; 0 for as many as the machine has.
    pub threads: usize,
    /// What a record, and decompression, may cost.
    pub limits: Limits,
    /// Whether what would be repaired is set aside.
    pub strict: bool,
    /// How many bytes of an input are handed to a thread at a time. Records larger than that are
    /// read too.
    pub window_bytes: usize,
    /// How many bytes have been read, compressed ones as they are: to be looked at by another
    /// thread. See [`Inputs::total_bytes`].
    pub progress: Arc<AtomicU64>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            limits: Limits::default(),
            strict: false,
            window_bytes: 1 << 20,
            progress: Arc::default(),
        }
    }
}

/// What comes out, in input order.
#[derive(Debug)]
#[non_exhaustive]
pub enum Item<T> {
    /// What `work` made of a record. The notices about it came before it.
    Record(T),
    /// A record that was set aside, or, where the error isn't
    /// [`is_record`](Error::is_record), trouble with the input itself: it can't be read, isn't
    /// ONIX, or is cut off.
    Rejected(Error),
    /// Something odd, about the input or the record that comes next.
    Notice(Notice),
    /// The end of an input.
    Input(InputEnd),
}

/// What there is to say of an input at its end.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InputEnd {
    /// Its name as in positions.
    pub name: String,
    /// Its message, the last one if there are several.
    pub message: Arc<Message>,
    /// How many bytes it has, decompressed.
    pub n_bytes: u64,
    /// How many products, those set aside included.
    pub n_records: u64,
    /// Whether nothing of it could be read.
    pub is_rejected: bool,
}

impl<T> Item<T> {
    /// Counted on from what stands before the window that it was found in.
    pub(super) fn moved_by(mut self, n_records: u64, n_lines: u64) -> Self {
        let position = match &mut self {
            Item::Record(_) | Item::Input(_) => None,
            Item::Rejected(error) => error.position_mut(),
            Item::Notice(notice) => Some(&mut notice.position),
        };
        if let Some(position) = position {
            position.record = position.record.map(|record| record + n_records);
            if position.line > 0 {
                position.line += n_lines;
            }
        }
        self
    }
}

/// Reads every record of every input.
///
/// `work` is called with each record, by several threads at once. What it returns reaches `consume`
/// in input order, whatever the number of threads, with everything else there is to know;
/// `consume` is called by one thread at a time. While `work` looks at a record, the record's number
/// and lines aren't known yet: they count from the beginning of a window. Its byte is right.
///
/// An input that can't be read is an [`Item::Rejected`], and the next one is read.
///
/// Memory is bounded by a few windows for each thread, or by the largest record.
///
/// ```no_run
/// use onix_catalogue::input::{Inputs, Item, ReadOptions, read};
///
/// let mut n_products = 0;
/// read(
///     &Inputs::from_paths(["lists/"]),
///     &ReadOptions::default(),
///     |record| record.product().record_reference().map(String::from),
///     |item| {
///         match item {
///             Item::Record(_) => n_products += 1,
///             Item::Rejected(error) => eprintln!("{error:#}"),
///             _ => {}
///         }
///         Ok(())
///     },
/// )?;
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
///
/// # Errors
/// Only those of `consume`: reading stops at the first.
pub fn read<T: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    work: impl Fn(&Record<'_>) -> T + Sync,
    consume: impl FnMut(Item<T>) -> Result<()> + Send,
) -> Result<()> {
    let work = |received: Received<'_>| match received {
        Received::Onix(record) => work(record),
        Received::Xml(..) => unreachable!("pages weren't asked for"),
    };
    run(inputs, options, false, work, consume)
}

/// Reads every product of every input, pages of the platform's `xml` included: each format of a publication
/// is a product. Such a page is one window, whatever its size.
///
/// # Errors
/// As [`read`].
pub fn receive<T: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    work: impl Fn(Received<'_>) -> T + Sync,
    consume: impl FnMut(Item<T>) -> Result<()> + Send,
) -> Result<()> {
    run(inputs, options, true, work, consume)
}

fn run<T: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    takes_pages: bool,
    work: impl Fn(Received<'_>) -> T + Sync,
    consume: impl FnMut(Item<T>) -> Result<()> + Send,
) -> Result<()> {
    let n_threads = match options.threads {
        0 => std::thread::available_parallelism().map_or(1, |n| n.get()),
        n => n,
    };
    let pool = (n_threads > 1)
        .then(|| {
            rayon::ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .ok()
        })
        .flatten();
    let run = Run {
        work: &work,
        feed: Mutex::new(Feed::new(inputs, options, takes_pages)),
        spare: Mutex::default(),
        waiting: Mutex::new(Waiting {
            next: 0,
            done: BTreeMap::new(),
        }),
        room: Condvar::new(),
        // One window in work and one ready for each thread.
        most_ahead: 2 * n_threads as u64,
        turnstile: Mutex::new(Turnstile::new(&work, consume)),
        stopped: AtomicBool::new(false),
        failed: Mutex::new(None),
    };
    match pool {
        None => run.worker(),
        Some(pool) => pool.scope(|scope| {
            for _ in 0..n_threads {
                scope.spawn(|_| run.worker());
            }
        }),
    }
    match lock(&run.failed).take() {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

struct Run<'a, T, W, C> {
    work: &'a W,
    feed: Mutex<Feed<'a>>,
    /// Memory of windows, to be used again.
    spare: Mutex<Vec<Vec<u8>>>,
    waiting: Mutex<Waiting<T>>,
    /// Told whenever a window has gone through.
    room: Condvar,
    /// How far ahead of the turnstile a window may be ready.
    most_ahead: u64,
    turnstile: Mutex<Turnstile<&'a W, C>>,
    stopped: AtomicBool,
    failed: Mutex<Option<Error>>,
}

/// Windows that are ready, before the turnstile.
struct Waiting<T> {
    /// The window that goes through next.
    next: u64,
    done: BTreeMap<u64, Done<T>>,
}

impl<T, W, C> Run<'_, T, W, C>
where
    W: Fn(Received<'_>) -> T,
    C: FnMut(Item<T>) -> Result<()>,
{
    fn worker(&self) {
        let _guard = StopOnPanic(self);
        while !self.stopped.load(Ordering::Relaxed) {
            let memory = lock(&self.spare).pop().unwrap_or_default();
            let Some(chunk) = lock(&self.feed).next(memory) else {
                return;
            };
            let done = chunk::parse(chunk, self.work);
            if self.queue(done) {
                self.let_through();
            }
        }
    }

    /// Puts a window before the turnstile, once it isn't too far ahead; `false` where all is over.
    fn queue(&self, done: Done<T>) -> bool {
        let mut waiting = lock(&self.waiting);
        while done.chunk.number >= waiting.next + self.most_ahead {
            if self.stopped.load(Ordering::Relaxed) {
                return false;
            }
            waiting = self
                .room
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        waiting.done.insert(done.chunk.number, done);
        true
    }

    /// Lets all windows through whose turn it is, unless another thread is at it.
    fn let_through(&self) {
        while !self.stopped.load(Ordering::Relaxed) && self.is_one_ready() {
            let mut turnstile = match self.turnstile.try_lock() {
                Ok(turnstile) => turnstile,
                Err(TryLockError::Poisoned(_)) => return,
                // That thread looks again once it has let go.
                Err(TryLockError::WouldBlock) => return,
            };
            while let Some(done) = self.next_ready() {
                match turnstile.take(done) {
                    Ok(memory) => self.give_back(memory),
                    Err(error) => {
                        lock(&self.failed).get_or_insert(error);
                        self.stop();
                        return;
                    }
                }
            }
        }
    }

    fn is_one_ready(&self) -> bool {
        let waiting = lock(&self.waiting);
        waiting.done.contains_key(&waiting.next)
    }

    fn next_ready(&self) -> Option<Done<T>> {
        let mut waiting = lock(&self.waiting);
        let next = waiting.next;
        let done = waiting.done.remove(&next)?;
        waiting.next += 1;
        self.room.notify_all();
        Some(done)
    }

    fn give_back(&self, mut memory: Vec<u8>) {
        memory.clear();
        let mut spare = lock(&self.spare);
        if spare.len() as u64 <= self.most_ahead && memory.capacity() > 0 {
            spare.push(memory);
        }
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Whoever is about to wait has the lock, and looks first.
        let _waiting = lock(&self.waiting);
        self.room.notify_all();
    }
}

/// Lets the other threads end when one panics, instead of waiting for its window.
struct StopOnPanic<'a, 'r, T, W, C>(&'r Run<'a, T, W, C>)
where
    W: Fn(Received<'_>) -> T,
    C: FnMut(Item<T>) -> Result<()>;

impl<T, W, C> Drop for StopOnPanic<'_, '_, T, W, C>
where
    W: Fn(Received<'_>) -> T,
    C: FnMut(Item<T>) -> Result<()>,
{
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// What a panic left behind is never looked at again: it goes on to the caller.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
