//! A server in a process of its own, and clients that ask it over sockets: in a row, or at given times.

use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::timing::{Times, timed};

/// What the kernel counts the time of processes in.
const TICKS_PER_SECOND: f64 = 100.0;

/// `onix serve` with a catalogue.
pub(super) struct Served {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Served {
    /// Without a log, which the bench would have to read.
    pub(super) fn start(index: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onix"))
            .args(["serve", "--port=0", "-q", "--index"])
            .arg(index)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the command is built");
        let stdout = child.stdout.take().expect("it is piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says where it listens");
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.and_then(|address| address.parse().ok());
        Self {
            address: address.unwrap_or_else(|| panic!("not where it listens: {line}")),
            child,
        }
    }

    /// Seconds that it has run on the processors.
    pub(super) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.expect("it lives");
        // The name, in parentheses, may have blanks. Fields 14 and 15 of proc_pid_stat(5).
        let (_, fields) = stat.rsplit_once(')').expect("it has a name");
        let ticks = fields.split_ascii_whitespace().skip(11).take(2);
        let ticks: f64 = ticks.map(|n| n.parse::<f64>().expect("a number")).sum();
        ticks / TICKS_PER_SECOND
    }

    /// Its anonymous memory in KiB.
    pub(super) fn anonymous_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("it lives");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let number = line.and_then(|line| line.split_ascii_whitespace().next());
        number.expect("Linux tells it").parse().expect("a number")
    }

    pub(super) fn get(&self, path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).into_bytes()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().expect("it lives");
        self.child.wait().expect("it was ours");
    }
}

/// A connection that stays.
pub(super) struct Client {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("it is a socket");
        Self {
            stream,
            answer: Vec::new(),
        }
    }

    /// Asks, and reads the answer to its end: its length with its head.
    pub(super) fn ask(&mut self, request: &[u8]) -> usize {
        self.stream.write_all(request).expect("it is taken");
        self.answer.clear();
        let mut piece = [0; 1 << 16];
        loop {
            let n = self.stream.read(&mut piece).expect("it is answered");
            assert!(n > 0, "the answer is whole");
            self.answer.extend_from_slice(&piece[..n]);
            if length(&self.answer).is_some_and(|length| length <= self.answer.len()) {
                break;
            }
        }
        let status = &self.answer[9..12];
        assert_eq!(status, b"200", "{}", String::from_utf8_lossy(&self.answer));
        self.answer.len()
    }
}

/// How long an answer is whose head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = str::from_utf8(&answer[..end]).expect("heads are ASCII");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    Some(
        end + length
            .expect("it is told")
            .parse::<usize>()
            .expect("a number"),
    )
}

/// Answers a second, where so many clients ask one thing after another for so long.
pub(super) fn rate(
    address: SocketAddr,
    requests: &[Vec<u8>],
    n_clients: usize,
    time: Duration,
) -> f64 {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let client = || {
        let mut client = Client::new(address);
        let mut n = 0;
        while begun.elapsed() < time {
            let at = next.fetch_add(1, Ordering::Relaxed);
            client.ask(&requests[at % requests.len()]);
            n += 1;
        }
        n
    };
    let n: usize = in_parallel(n_clients, client).into_iter().sum();
    n as f64 / begun.elapsed().as_secs_f64()
}

/// How long each answer takes, from the moment at which it was to be asked for: so many a second, whether those before have been
/// answered or not, as far as the clients suffice.
pub(super) fn at_rate(
    address: SocketAddr,
    requests: &[Vec<u8>],
    per_second: f64,
    time: Duration,
) -> Times {
    const CLIENTS: usize = 48;
    let n_requests = (time.as_secs_f64() * per_second) as usize;
    let next = AtomicUsize::new(0);
    let begun = Instant::now() + Duration::from_millis(50);
    let client = || {
        let mut client = Client::new(address);
        let mut taken = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= n_requests {
                return taken;
            }
            let due = begun + Duration::from_secs_f64(at as f64 / per_second);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            client.ask(&requests[at % requests.len()]);
            taken.push(u64::try_from(due.elapsed().as_nanos()).unwrap_or(u64::MAX));
        }
    };
    in_parallel(CLIENTS, client).into_iter().flatten().collect()
}

/// Nanoseconds from the start of the process to its first answer.
pub(super) fn first_answer(index: &Path, path: &str) -> u64 {
    let ((served, _), taken) = timed(|| {
        let served = Served::start(index);
        let length = Client::new(served.address).ask(&served.get(path));
        (served, length)
    });
    drop(served);
    taken
}

fn in_parallel<T: Send>(n: usize, run: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..n).map(|_| scope.spawn(&run)).collect();
        let ends = threads.into_iter().map(|thread| thread.join());
        ends.map(|end| end.expect("it asks")).collect()
    })
}
