//! Parses the command line, runs it, and ends with its exit code.

// What the SDK's futures add up to is a type deeper than the compiler's usual limit of 128.
#![recursion_limit = "256"]

use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;

use cellgate::cli::{Arguments, CliError, Ending, run};
use clap::Parser as _;

fn main() -> ExitCode {
    panic::set_hook(Box::new(say_panic));
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("the program can't start its threads: {error}");
            return CliError::new(Ending::Failed, message).report();
        }
    };
    // The state that a panic may have broken isn't looked at again.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(run(arguments))));
    // A thread may still wait for an answer that nobody needs any more.
    runtime.shutdown_background();
    match outcome {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => error.report(),
        // The hook has said what there is to say.
        Err(_) => CliError::told(Ending::Failed).report(),
    }
}

/// One line on stderr in place of Rust's own report.
fn say_panic(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("no reason given").replace('\n', " ");
    let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
    tracing::error!(message, place, "panicked");
    // Where stderr is gone nobody can be told.
    let _ = writeln!(io::stderr(), "error: cellgate failed inside{place}: {message}");
}
