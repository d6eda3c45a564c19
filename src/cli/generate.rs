//! `onix generate`: what packagers ship beside the program.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory, Subcommand};
use clap_complete::Shell;

use super::trouble::{Exit, Result, Trouble};
use super::{Cli, Context};

/// Write man pages and completions, for packagers
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix generate man -o man1/
  onix generate completions fish > ~/.config/fish/completions/onix.fish")]
pub(crate) struct Generate {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The man page, or all pages into a folder
    Man {
        /// Write a page for every command to this folder
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Completions for a shell
    Completions {
        /// Which
        #[arg(value_enum)]
        shell: Shell,
    },
}

impl Generate {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        // Not what this machine's settings have made of it.
        let mut root = Cli::command();
        match self.what {
            What::Completions { shell } => {
                let mut bytes = Vec::new();
                clap_complete::generate(shell, &mut root, "onix", &mut bytes);
                context.out.raw(&String::from_utf8_lossy(&bytes))?;
            }
            What::Man { output: None } => {
                let page = page(root, "onix")?;
                context.out.raw(&String::from_utf8_lossy(&page))?;
            }
            What::Man {
                output: Some(folder),
            } => pages(root, &folder)?,
        }
        Ok(Exit::Done)
    }
}

fn page(command: Command, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let command = command.name(name.to_owned());
    clap_mangen::Man::new(command).render(&mut bytes)?;
    Ok(bytes)
}

fn pages(mut root: Command, folder: &Path) -> Result<()> {
    root.build();
    let write = |name: &str, bytes: Vec<u8>| {
        let path = folder.join(format!("{name}.1"));
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, bytes))
            .map_err(|cause| {
                Trouble::file(format!("{} could not be written", path.display()), cause)
            })
    };
    for sub in root.get_subcommands() {
        if sub.get_name() != "help" {
            let name = format!("onix-{}", sub.get_name());
            write(&name, page(sub.clone(), &name)?)?;
        }
    }
    write("onix", page(root, "onix")?)
}
