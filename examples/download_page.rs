//! The page between a shop's download button and the platform's file.
//!
//! `cargo run --example download_page -- 127.0.0.1:8099 onix-index onix-ledger.sqlite`, with `[account]`'s values in
//! BASE_URL, ORGANISATION and TOKEN. `http://127.0.0.1:8099/N` is the file of decision N. A real shop would look the customer up
//! first, and put a name that can't be guessed in the place of N.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use onix_catalogue::Catalogue;
use onix_catalogue::ledger::Ledger;
use onix_catalogue::model::{Account, Credentials, Moment, Secret};
use onix_catalogue::platform::Client;
use onix_catalogue::shop::{Click, Handed, Shop};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let mut next = |what: &str| args.next().ok_or_else(|| format!("{what} is missing"));
    let (listen, index, ledger) = (next("ADDRESS")?, next("INDEX")?, next("LEDGER")?);
    let mut account = Account::default();
    account.base_url = Some(std::env::var("BASE_URL")?);
    account.organisation = Some(std::env::var("ORGANISATION")?);
    account.credentials = Some(Credentials::Bearer(Secret::new(std::env::var("TOKEN")?)));
    account.allow_http = true;
    let client = Client::new(&account)?;
    let shop = Shop::new(
        Catalogue::open(index)?,
        Ledger::open(ledger)?,
        client,
        account,
    );
    let listener = TcpListener::bind(listen)?;
    println!("listening on http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        // One at a time is enough to show it.
        if let Err(error) = answer(&shop, &stream?) {
            eprintln!("{error}");
        }
    }
    Ok(())
}

fn answer(shop: &Shop, mut stream: &TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().ok_or("no request")??;
    let mut words = request.split(' ');
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let mut headers = Vec::new();
    for line in lines {
        match line?.split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let click = Click {
        method,
        headers: &headers,
    };
    let decision = path.trim_start_matches('/').parse::<i64>().unwrap_or(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let at = Moment::from_unix(i64::try_from(now.as_secs())?);
    let (head, body) = match shop.download(decision, &click, at) {
        Ok(Handed::Redirect(link)) => (format!("302 Found\r\nLocation: {link}"), String::new()),
        Ok(Handed::Button) => (
            "200 OK".into(),
            format!("<form action='/{decision}'><button>Download</button></form>"),
        ),
        Ok(Handed::NotFound) => ("404 Not Found".into(), "no such sale".into()),
        Ok(Handed::NotAllowed) => (
            "405 Method Not Allowed\r\nAllow: GET, HEAD".into(),
            String::new(),
        ),
        Err(_) => (
            "502 Bad Gateway".into(),
            "the file can't be had at the moment".into(),
        ),
    };
    let length = body.len();
    let sent = if method == "HEAD" { "" } else { body.as_str() };
    write!(
        stream,
        "HTTP/1.1 {head}\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{sent}"
    )?;
    Ok(())
}
