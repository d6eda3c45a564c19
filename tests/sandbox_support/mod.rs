//! A stand-in that runs, and what is said to it over a socket.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::util::Dir;

/// `onix serve --sandbox` on a port of its own. It ends with the test.
pub(crate) struct Served {
    child: Child,
    address: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The books of the sequences.
pub(crate) fn books() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/platform/catalogue.xml");
    std::fs::read(path).unwrap()
}

/// A message of one product.
pub(crate) fn product(reference: &str, isbn: &str, title: &str) -> String {
    format!(
        "<ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\"><Product>\
         <RecordReference>{reference}</RecordReference><NotificationType>03</NotificationType>\
         <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>{isbn}</IDValue></ProductIdentifier>\
         <DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>\
         <TitleText>{title}</TitleText></TitleElement></TitleDetail></DescriptiveDetail></Product></ONIXMessage>"
    )
}

/// A message that a product is no more.
pub(crate) fn removal(reference: &str) -> String {
    format!(
        "<ONIXMessage release=\"3.0\"><Product><RecordReference>{reference}</RecordReference>\
         <NotificationType>05</NotificationType></Product></ONIXMessage>"
    )
}

impl Served {
    pub(crate) fn start(dir: &Dir, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onix"))
            .args(["serve", "--sandbox", "--port=0", "-q"])
            .args(args)
            .current_dir(dir.path())
            .stdout(Stdio::piped())
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
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn seed(&self, seed: serde_json::Value) {
        let reply = self.post("/__admin/seed", seed.to_string().as_bytes());
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    pub(crate) fn catalogue(&self, message: &[u8]) {
        let reply = self.post("/__admin/catalogue", message);
        assert!(
            reply.text().contains("\"set_aside\":[]"),
            "{}",
            reply.text()
        );
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        Reply::of(&self.exchange("GET", path, "", b""))
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Reply {
        Reply::of(&self.exchange("POST", path, "", body))
    }

    /// The bodies of all pages from this one on, up to the one that isn't found.
    pub(crate) fn pages(&self, path: &str) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        let mut path = path.to_owned();
        loop {
            let reply = self.get(&path);
            if reply.status == 404 {
                return out;
            }
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            let link = reply.header("link").expect("every page names the next");
            let origin = format!("<http://{}", self.address);
            let next = link.strip_prefix(&origin).expect("an address of ours");
            path = next.strip_suffix(">; rel=next").unwrap().to_owned();
            out.push(reply.body);
        }
    }

    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        // shop:secret
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic c2hvcDpzZWNyZXQ=\r\n{headers}\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            body.len()
        );
        [head.as_bytes(), body].concat()
    }

    /// All that comes back on a request.
    pub(crate) fn exchange(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        self.raw(&self.request(method, path, headers, body))
    }

    pub(crate) fn raw(&self, request: &[u8]) -> Vec<u8> {
        sent(self.address, request)
    }

    #[cfg(unix)]
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        let done = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(done.success());
    }

    /// Ends it at once, by SIGKILL where there are signals.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

/// Sends a request and reads until the connection ends.
pub(crate) fn sent(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    // Who is refused before the end is not listened to any more.
    let _ = stream.write_all(request);
    let mut out = Vec::new();
    let _ = stream.read_to_end(&mut out);
    out
}

impl Reply {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Self {
            status: status.parse().unwrap(),
            headers: lines.map(header).collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
