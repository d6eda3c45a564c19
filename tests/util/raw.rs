//! A server of bytes: what HTTP libraries on the other side would mend or refuse, this one just sends.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done with a connection, one after the other; then it is closed.
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
}

/// A server that does as it is told, and remembers what it was asked.
pub(crate) struct Raw {
    pub(crate) port: u16,
    heads: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

impl Raw {
    /// `answer` gets the head of a request, and which one it is, from 0.
    pub(crate) fn start(answer: impl Fn(&str, usize) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let ended: Arc<AtomicBool> = Arc::default();
        let (kept, is_over, answer) = (Arc::clone(&heads), Arc::clone(&ended), Arc::new(answer));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(connection) = connection else { continue };
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let Some((head, n)) = read_head(&connection, &kept) else {
                        return;
                    };
                    play(connection, answer(&head, n));
                });
            }
        });
        Self { port, heads, ended }
    }

    /// One that answers everything with the same bytes.
    pub(crate) fn sending(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |_, _| vec![Step::Send(bytes.clone())])
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn read_head(mut connection: &TcpStream, heads: &Mutex<Vec<String>>) -> Option<(String, usize)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if connection.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut heads = heads.lock().unwrap();
    heads.push(head.clone());
    Some((head, heads.len() - 1))
}

fn play(mut connection: TcpStream, steps: Vec<Step>) {
    for step in steps {
        match step {
            Step::Wait(duration) => std::thread::sleep(duration),
            Step::Send(bytes) => {
                if connection
                    .write_all(&bytes)
                    .and_then(|()| connection.flush())
                    .is_err()
                {
                    return;
                }
            }
        }
    }
}

/// An answer with a status, more headers, and a body of a stated length.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}
