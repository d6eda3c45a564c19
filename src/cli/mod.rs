//! The command `onix`: one file a command, and what they share: `settings`, `output`,
//! `trouble` and `filters`.

mod account;
mod audit;
mod batch;
mod changes;
mod check;
mod checklist;
mod codes;
mod config;
mod export;
mod fetch;
mod filters;
mod generate;
mod hits;
mod index;
mod labels;
mod ledger;
mod lookup;
mod next;
mod offers;
mod output;
mod parse;
mod preorder;
mod progress;
mod query;
mod reading;
mod sale;
mod search;
mod secrets;
mod sell;
mod serve;
mod settings;
mod show;
mod similar;
mod stats;
mod suggest;
mod sync;
mod trouble;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::catalogue::Catalogue;
use crate::model::{Account, Moment};
use output::{Color, Messages, Output};
use settings::Settings;
use trouble::{Exit, Result, Trouble};

/// A catalogue of e-books from ONIX files: search it, and know before a sale whether the platform will take it
#[derive(Debug, Parser)]
#[command(
    name = "onix",
    version = version(),
    after_long_help = "\
Every flag is also an environment variable and a key of the file onix.toml: `--limit` of `onix search` is \
ONIX_SEARCH_LIMIT and `limit` under `[search]`; `--index` and the other flags of every command are ONIX_INDEX and `index` at the \
top. A flag goes before the environment, the environment before the file. `onix config` shows what is in force.

Exit status: 0 done, found, valid; 1 nothing found, sale refused or not decidable; 2 wrong usage or trouble; 3 done, but something \
was set aside.

Examples:
  onix index lists/
  onix search harbour --format epub --country FR
  onix check 9782070368228 --format epub --cost 999 --currency EUR --at 2026-12-01"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Flags of every command")]
struct Global {
    /// The folder of the catalogue
    #[arg(long, value_name = "DIR", default_value = "onix-index", global = true)]
    index: PathBuf,
    /// The file of what was sold
    #[arg(
        long,
        value_name = "FILE",
        default_value = "onix-ledger.sqlite",
        global = true
    )]
    ledger: PathBuf,
    /// The file of settings; else ./onix.toml, else onix/onix.toml in your configuration folder
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The account of onix.toml that counts: `[account.NAME]`
    #[arg(long, value_name = "NAME", global = true)]
    account: Option<String>,
    /// When to use colours
    #[arg(
        long,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        global = true
    )]
    color: Color,
    /// Show no progress bar
    #[arg(long, global = true)]
    no_progress: bool,
    /// Say nothing but errors
    #[arg(short, long, global = true, overrides_with = "verbose")]
    quiet: bool,
    /// Explain what is being done
    #[arg(short, long, global = true, overrides_with = "quiet")]
    verbose: bool,
    /// How many threads read; as many as there are processors where it is 0
    #[arg(short, long, value_name = "N", default_value_t = 0, global = true)]
    jobs: usize,
}

#[derive(Debug, Subcommand)]
enum Command {
    Index(index::Index),
    Search(search::SearchArgs),
    Suggest(suggest::Suggest),
    Similar(similar::Similar),
    Show(show::Show),
    Offers(offers::OffersArgs),
    Check(check::Check),
    Lookup(lookup::LookupArgs),
    Export(export::Export),
    Changes(changes::Changes),
    Sync(sync::Sync),
    Fetch(fetch::Fetch),
    Toc(fetch::Toc),
    Publishers(fetch::Publishers),
    Simulate(sell::Simulate),
    Sell(sell::Sell),
    Sale(sale::Sale),
    DownloadLink(sale::DownloadLink),
    Cancel(sale::Cancel),
    Status(sale::Status),
    Preorder(Box<preorder::Preorder>),
    Audit(audit::Audit),
    Ledger(ledger::LedgerArgs),
    Stats(stats::StatsArgs),
    Verify(stats::Verify),
    Parse(parse::Parse),
    Codes(codes::Codes),
    Serve(serve::Serve),
    Checklist(checklist::Checklist),
    Config(config::Config),
    Generate(generate::Generate),
}

/// What every command has to hand.
struct Context {
    /// The name under which the program was called.
    program: String,
    global: Global,
    settings: Settings,
    /// The command's own matches: where a value came from.
    matches: ArgMatches,
    out: Output,
    messages: Messages,
}

impl Context {
    /// The account that counts.
    fn account(&self) -> Result<Account> {
        account::pick(&self.settings, self.global.account.as_deref())
    }

    fn catalogue(&self) -> Result<Catalogue> {
        Ok(Catalogue::open(&self.global.index)?)
    }

    fn threads(&self) -> usize {
        match self.global.jobs {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }

    /// The threads that a command works with.
    fn pool(&self) -> Result<rayon::ThreadPool> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads())
            .build()
            .map_err(|error| {
                let cause = std::io::Error::other(error);
                Trouble::file("threads could not be started", cause)
            })
    }

    /// The first of these forms of output that was asked for: by a flag before the environment,
    /// by the environment before the file.
    fn form(&self, names: &[&'static str]) -> Option<&'static str> {
        names
            .iter()
            .copied()
            .filter(|name| self.matches.get_flag(name))
            .max_by_key(|name| self.matches.value_source(name))
    }
}

fn version() -> String {
    format!(
        "{} (index format {}, code lists issue {})",
        env!("CARGO_PKG_VERSION"),
        crate::catalogue::FORMAT,
        crate::onix::codes::ISSUE
    )
}

/// The present moment, for commands that were given none: the only clock.
fn now() -> Moment {
    Moment::from_unix(jiff::Timestamp::now().as_second())
}

/// Runs the command with these arguments, the first of which is the program's name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let plain = Messages::new(Color::Auto, false, false);
    let exit = match context(&args) {
        Ok(Started::Ready(mut context, command)) => {
            let messages = context.messages;
            command
                .run(&mut context)
                .and_then(|exit| context.out.flush().map(|()| exit))
                .unwrap_or_else(|trouble| ended(messages, &trouble))
        }
        Ok(Started::Ended(exit)) => exit,
        Err(trouble) => ended(plain, &trouble),
    };
    ExitCode::from(exit as u8)
}

fn ended(messages: Messages, trouble: &Trouble) -> Exit {
    messages.trouble(trouble);
    match trouble {
        Trouble::ClosedPipe => Exit::Done,
        _ => Exit::Trouble,
    }
}

enum Started {
    Ready(Box<Context>, Box<Command>),
    /// There was help to print, or wrong usage to tell.
    Ended(Exit),
}

fn context(args: &[OsString]) -> Result<Started> {
    let settings = Settings::load(args)?;
    let command = settings.apply(Cli::command())?;
    let parsed = command
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches).map(|cli| (cli, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return Ok(Started::Ended(wrong_usage(&error, args))),
    };
    let matches = match matches.subcommand() {
        Some((_, matches)) => matches.clone(),
        None => matches,
    };
    let global = cli.global;
    let context = Context {
        program: program(args),
        out: Output::new(global.color),
        messages: Messages::new(global.color, global.quiet, global.verbose),
        global,
        settings,
        matches,
    };
    if let Some(path) = context.settings.path() {
        let told = format!("settings of {}", path.display());
        context.messages.explain(output::clean(&told));
    }
    Ok(Started::Ready(Box::new(context), Box::new(cli.command)))
}

fn wrong_usage(error: &clap::Error, args: &[OsString]) -> Exit {
    let plain = Messages::new(Color::Auto, false, false);
    match error.use_stderr() {
        true => plain.wrong_usage(error),
        // Where standard output is closed, nobody is there to be told.
        false => drop(error.print()),
    }
    if let Some(variable) = settings::to_blame(error, args) {
        plain.say(format!(
            "  hint: the value comes from the environment variable {variable}"
        ));
    }
    match error.exit_code() {
        0 => Exit::Done,
        _ => Exit::Trouble,
    }
}

/// How to call this program again: by cargo, where cargo has built it.
fn program(args: &[OsString]) -> String {
    let path = args.first().map(PathBuf::from).unwrap_or_default();
    let mut folders = path
        .parent()
        .into_iter()
        .flat_map(|parent| parent.iter())
        .rev();
    match (folders.next(), folders.next()) {
        (Some(profile), Some(target)) if target == "target" && profile == "release" => {
            "cargo run --release --".into()
        }
        (Some(profile), Some(target)) if target == "target" && profile == "debug" => {
            "cargo run --".into()
        }
        _ => "onix".into(),
    }
}

impl Command {
    fn run(self, context: &mut Context) -> Result {
        match self {
            Command::Index(index) => index.run(context),
            Command::Search(search) => search.run(context),
            Command::Suggest(suggest) => suggest.run(context),
            Command::Similar(similar) => similar.run(context),
            Command::Show(show) => show.run(context),
            Command::Offers(offers) => offers.run(context),
            Command::Check(check) => check.run(context),
            Command::Lookup(lookup) => lookup.run(context),
            Command::Export(export) => export.run(context),
            Command::Changes(changes) => changes.run(context),
            Command::Sync(sync) => sync.run(context),
            Command::Fetch(fetch) => fetch.run(context),
            Command::Toc(toc) => toc.run(context),
            Command::Publishers(publishers) => publishers.run(context),
            Command::Simulate(simulate) => simulate.run(context),
            Command::Sell(sell) => sell.run(context),
            Command::Sale(sale) => sale.run(context),
            Command::DownloadLink(link) => link.run(context),
            Command::Cancel(cancel) => cancel.run(context),
            Command::Status(status) => status.run(context),
            Command::Preorder(preorder) => preorder.run(context),
            Command::Audit(audit) => audit.run(context),
            Command::Ledger(ledger) => ledger.run(context),
            Command::Stats(stats) => stats.run(context),
            Command::Verify(verify) => verify.run(context),
            Command::Parse(parse) => parse.run(context),
            Command::Codes(codes) => codes.run(context),
            Command::Serve(serve) => serve.run(context),
            Command::Checklist(checklist) => checklist.run(context),
            Command::Config(config) => config.run(context),
            Command::Generate(generate) => generate.run(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_has_no_objections() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_program_is_called_as_it_was() {
        let called = |path: &str| program(&[path.into()]);
        assert_eq!(called("target/release/onix"), "cargo run --release --");
        assert_eq!(called("/x/target/debug/onix"), "cargo run --");
        assert_eq!(called("/usr/bin/onix"), "onix");
        assert_eq!(called("onix"), "onix");
    }
}
