//! Runs the command in a directory of its own.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory that goes away, and the settings of one run in it.
pub(crate) struct Dir {
    folder: tempfile::TempDir,
}

/// A run of the command.
pub(crate) struct Onix {
    command: Command,
    input: Option<String>,
    shown: String,
}

/// What a run came to.
pub(crate) struct Outcome {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    status: Option<i32>,
    shown: String,
}

/// A message of one product with a price, in EUR, in France.
pub(crate) const BOOK: &str = r#"<ONIXMessage xmlns="http://ns.editeur.org/onix/3.0/reference" release="3.0">
<Header><Sender><SenderName>House</SenderName></Sender><SentDateTime>20260101</SentDateTime></Header>
<Product><RecordReference>house.1</RecordReference><NotificationType>03</NotificationType>
<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>9782070368228</IDValue></ProductIdentifier>
<DescriptiveDetail><ProductComposition>00</ProductComposition><ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail>
<EpubTechnicalProtection>02</EpubTechnicalProtection>
<TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>The Lighthouse</TitleText></TitleElement></TitleDetail>
</DescriptiveDetail>
<PublishingDetail><PublishingStatus>04</PublishingStatus>
<SalesRights><SalesRightsType>01</SalesRightsType><Territory><RegionsIncluded>WORLD</RegionsIncluded></Territory></SalesRights></PublishingDetail>
<ProductSupply><SupplyDetail><Supplier><SupplierRole>01</SupplierRole><SupplierName>House</SupplierName></Supplier>
<ProductAvailability>20</ProductAvailability>
<Price><PriceType>04</PriceType><PriceAmount>9.99</PriceAmount><CurrencyCode>EUR</CurrencyCode>
<Territory><CountriesIncluded>FR</CountriesIncluded></Territory></Price></SupplyDetail></ProductSupply>
</Product></ONIXMessage>"#;

/// The flags of a sale of [`BOOK`] that is valid.
pub(crate) const SALE: [&str; 16] = [
    "9782070368228",
    "--format=epub",
    "--cost=999",
    "--protection=watermark",
    "--country=FR",
    "--currency=EUR",
    "--price-type=04",
    "--customer-id=c",
    "--transaction-id=t",
    "--at=2026-12-01",
    "--kind=simulation",
    "--dialect=en",
    "--color=never",
    "--no-progress",
    "--jobs=1",
    "--index=onix-index",
];

impl Dir {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// With a catalogue of [`BOOK`].
    pub(crate) fn with_book() -> Self {
        let dir = Self::new();
        dir.write("book.xml", BOOK);
        dir.onix(["index", "book.xml"]).run().exits(0);
        dir
    }

    /// With the books that come with the project.
    pub(crate) fn with_lists() -> Self {
        let dir = Self::new();
        dir.onix(["index", &lists()]).run().exits(0);
        dir
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn onix(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Onix {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onix"));
        command.args(args);
        self.prepared(command)
    }

    /// A line for the shell that begins with whatever a printed command begins with.
    pub(crate) fn printed(&self, line: &str) -> Onix {
        let words = ["onix", "cargo run --release --", "cargo run --"];
        let rest = words.iter().find_map(|word| line.strip_prefix(word));
        let rest = rest.unwrap_or_else(|| panic!("no command of ours: {line}"));
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("\"$ONIX\"{rest}"));
        command.env("ONIX", env!("CARGO_BIN_EXE_onix"));
        self.prepared(command)
    }

    fn prepared(&self, mut command: Command) -> Onix {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("ONIX_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.path())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join(".config"))
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR");
        Onix {
            shown: format!("{command:?}"),
            command,
            input: None,
        }
    }
}

impl Onix {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn input(mut self, text: &str) -> Self {
        self.input = Some(text.to_owned());
        self
    }

    pub(crate) fn run(mut self) -> Outcome {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = self.input.unwrap_or_default();
        let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        // A command that doesn't read its input closes it.
        let _ = writer.join().unwrap();
        Outcome {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code(),
            shown: self.shown,
        }
    }

    /// Runs it for a reader that closes its end at once.
    pub(crate) fn run_for_nobody(mut self) -> Outcome {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        Outcome {
            stdout: String::new(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code(),
            shown: self.shown,
        }
    }
}

impl Outcome {
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        if self.status != Some(status) {
            self.fail(&format!("exit status {status} was expected"));
        }
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        if !self.stdout.contains(text) {
            self.fail(&format!("standard output should have: {text}"));
        }
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        if !self.stderr.contains(text) {
            self.fail(&format!("standard error should have: {text}"));
        }
        self
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        let value = |line: &str| match serde_json::from_str(line) {
            Ok(value) => value,
            Err(error) => self.fail(&format!("{error} in: {line}")),
        };
        self.stdout.lines().map(value).collect()
    }

    #[track_caller]
    pub(crate) fn fail(&self, what: &str) -> ! {
        panic!(
            "{what}\n== {}\n== exit status {:?}\n== standard output\n{}\n== standard error\n{}\n==",
            self.shown, self.status, self.stdout, self.stderr
        );
    }
}

/// The list files that come with the project.
pub(crate) fn lists() -> String {
    format!("{}/testdata/lists", env!("CARGO_MANIFEST_DIR"))
}
