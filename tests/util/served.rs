//! `onix serve` as a process of its own, and what is asked of it over a socket.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::Dir;

/// `onix serve` on a port of its own, with its log in a file. It ends with the test.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
}

/// An answer as it came.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Served {
    pub(crate) fn start(dir: &Dir, args: &[&str]) -> Self {
        static SERVED: AtomicUsize = AtomicUsize::new(0);
        let n = SERVED.fetch_add(1, Ordering::Relaxed);
        let log = dir.path().join(format!("log-{n}.jsonl"));
        let mut child = Command::new(env!("CARGO_BIN_EXE_onix"))
            .args(["serve", "--port=0"])
            .args(args)
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("not where it listens: {line}"));
        Self {
            address: address.parse().unwrap(),
            child,
            log,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.sent("GET", path, "", "")
    }

    /// The answer to a request with these lines of headers. It is for this server, unless they say otherwise.
    pub(crate) fn sent(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let host = match headers.contains("Host:") {
            true => String::new(),
            false => format!("Host: {}\r\n", self.address),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let answered = match method {
            "HEAD" => headed(self.address, request.as_bytes()),
            _ => self.asked(request.as_bytes()),
        };
        answered.unwrap()
    }

    /// The JSON at a path, which has to be there.
    pub(crate) fn json(&self, path: &str) -> serde_json::Value {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap()
    }

    /// The answer to these bytes, whole; an error where it isn't.
    pub(crate) fn asked(&self, request: &[u8]) -> io::Result<Reply> {
        asked(self.address, request)
    }

    pub(crate) fn connected(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    /// What it has said on standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Tells it to end, as a service manager does.
    pub(crate) fn terminate(&self) {
        use rustix::process::{Pid, Signal, kill_process};
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).unwrap();
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// How it ended, and after how long; `None` if it doesn't in time.
    pub(crate) fn ended(&mut self, patience: Duration) -> Option<(ExitStatus, Duration)> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some((status, begun.elapsed()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The answer to a `HEAD`, which has no body, whatever its headers say.
fn headed(address: SocketAddr, request: &[u8]) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let mut out = Vec::new();
    stream.read_to_end(&mut out)?;
    let end = out.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = out.split_at(end.expect("headers end") + 4);
    let head = String::from_utf8_lossy(&head[..head.len() - 4]).to_lowercase();
    Ok(Reply {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: body.to_vec(),
    })
}

/// The answer to these bytes, after which the server closes; an error where it isn't whole.
pub(crate) fn asked(address: SocketAddr, request: &[u8]) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request)?;
    let mut out = Vec::new();
    let read = stream.read_to_end(&mut out);
    match (whole(&out), read) {
        (Some(reply), Ok(_)) => Ok(reply),
        (_, Err(error)) if out.is_empty() => Err(error),
        _ if out.is_empty() => Err(io::ErrorKind::ConnectionAborted.into()),
        // Some of it came.
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// The first answer among what came, if it is there to its end.
pub(crate) fn whole(bytes: &[u8]) -> Option<Reply> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap());
    let body = bytes.get(end + 4..end + 4 + length)?.to_vec();
    Some(Reply {
        status: head.split(' ').nth(1)?.parse().ok()?,
        head,
        body,
    })
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}
