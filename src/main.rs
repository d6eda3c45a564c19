//! The command `onix`: arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    onix_catalogue::cli::run(std::env::args_os())
}
