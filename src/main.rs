//! Parses the command line, runs it, and ends with its exit code.

use std::process::ExitCode;

use cellgate::cli::{Arguments, CliError, Ending, run};
use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("the program can't start its threads: {error}");
            return CliError::new(Ending::Failed, message).report();
        }
    };
    let outcome = runtime.block_on(run(arguments));
    // A thread may still wait for an answer that nobody needs any more.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}
