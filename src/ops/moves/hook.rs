//! Running one of the operator's commands around a wave: its input, its output, its time limit.
//!
//! It is a process group of its own, so that all that it has started ends with it where it is ended: at its time
//! limit, or by an interruption. What it prints may be anything: it is made safe before anybody sees it, and goes to
//! the log.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::domain::text::sanitise;

/// Lines of its stderr that tell why it failed.
const LAST_LINES: usize = 5;
/// Bytes of a line that are kept.
const LONGEST_LINE: usize = 300;
/// For what it printed last, where something that it started keeps its output open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A command with what it is told.
#[derive(Clone, Debug)]
pub struct HookCall<'call> {
    /// The program and its arguments; never empty.
    pub command: &'call [String],
    pub limit: Duration,
    /// Beside those of this process.
    pub environment: Vec<(&'static str, String)>,
    pub input: String,
}

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum HookFailure {
    #[error("`{program}` can't be started: {source}")]
    NotStarted { program: String, source: std::io::Error },
    #[error("`{program}` ended with {status}{said}")]
    Failed { program: String, status: String, said: String },
    #[error("`{program}` was ended at its time limit of {limit:#}{said}")]
    TimedOut { program: String, limit: SignedDuration, said: String },
    #[error("`{program}` was ended: interrupted")]
    Interrupted { program: String },
}

/// The last lines of a stderr.
#[derive(Debug, Default)]
struct Tail(Mutex<VecDeque<String>>);

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LAST_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn said(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let words: Vec<&str> = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect();
        if words.is_empty() { String::new() } else { format!(": {}", words.join(" | ")) }
    }
}

/// How it ended, where it was let.
enum End {
    Exited(std::io::Result<ExitStatus>),
    TimedOut,
    Interrupted,
}

/// Runs it to its end. `say` is told each line of its stderr.
///
/// # Errors
/// Anything but the exit code 0 in time.
pub async fn run(
    call: &HookCall<'_>,
    interruption: &CancellationToken,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<(), HookFailure> {
    let program = || call.command.first().map(|name| sanitise(name).into_owned()).unwrap_or_default();
    let mut child = start(call).map_err(|source| HookFailure::NotStarted { program: program(), source })?;
    let group = child.id();
    let tail = Tail::default();
    let end = wait(&mut child, call, interruption, &tail, say).await;
    let status = match end {
        End::Exited(Ok(status)) => status,
        End::Exited(Err(source)) => return Err(HookFailure::NotStarted { program: program(), source }),
        End::TimedOut | End::Interrupted => {
            if let Some(group) = group {
                end_group(group).await;
            }
            // Where the group could not be reached, itself at least. It is awaited, so that none is left behind.
            if let Err(error) = child.kill().await {
                tracing::warn!(%error, "a hook could not be ended");
            }
            if matches!(end, End::Interrupted) {
                return Err(HookFailure::Interrupted { program: program() });
            }
            let limit = SignedDuration::try_from(call.limit).unwrap_or(SignedDuration::MAX);
            return Err(HookFailure::TimedOut { program: program(), limit, said: tail.said() });
        }
    };
    if status.success() {
        return Ok(());
    }
    let status = status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"));
    Err(HookFailure::Failed { program: program(), status, said: tail.said() })
}

fn start(call: &HookCall<'_>) -> std::io::Result<Child> {
    let (program, arguments) = call
        .command
        .split_first()
        .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidInput, "the command is empty"))?;
    let mut command = Command::new(program);
    command.args(arguments).envs(call.environment.iter().map(|(name, value)| (*name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command.spawn()
}

async fn wait(
    child: &mut Child,
    call: &HookCall<'_>,
    interruption: &CancellationToken,
    tail: &Tail,
    say: &(dyn Fn(String) + Send + Sync),
) -> End {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // One that doesn't want to know them all is free to close it.
            drop(stdin.write_all(call.input.as_bytes()).await);
            drop(stdin.shutdown().await);
        }
    };
    let heard = async {
        if let Some(stdout) = stdout {
            read_lines(stdout, |line| tracing::info!(line, "a hook's output")).await;
        }
    };
    let warned = async {
        if let Some(stderr) = stderr {
            read_lines(stderr, |line| {
                tracing::info!(line, "a hook's error output");
                say(line.clone());
                tail.push(line);
            })
            .await;
        }
    };
    let mut streams = std::pin::pin!(async { tokio::join!(feed, heard, warned) });
    let mut limit = std::pin::pin!(tokio::time::sleep(call.limit));
    let mut open = true;
    let status = loop {
        tokio::select! {
            // What has ended has ended, however late it is.
            biased;
            status = child.wait() => break status,
            () = interruption.cancelled() => return End::Interrupted,
            () = &mut limit => return End::TimedOut,
            _ = &mut streams, if open => open = false,
        }
    };
    if open {
        drop(tokio::time::timeout(LAST_WORDS, streams).await);
    }
    End::Exited(status)
}

/// Each line made safe, and cut where it is long.
async fn read_lines(mut from: impl AsyncRead + Unpin, mut line: impl FnMut(String)) {
    let mut buffer = vec![0; 8 * 1024];
    let mut bytes = Vec::new();
    let text = |bytes: &[u8]| sanitise(&String::from_utf8_lossy(bytes)).into_owned();
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        for byte in &buffer[..count] {
            if *byte == b'\n' {
                line(text(&bytes));
                bytes.clear();
            } else if bytes.len() < LONGEST_LINE {
                bytes.push(*byte);
            }
        }
    }
    if !bytes.is_empty() {
        line(text(&bytes));
    }
}

/// Ends every process of the group. Its leader has not been awaited yet, so that the number is still its own.
#[cfg(unix)]
async fn end_group(group: u32) {
    // The standard library signals single processes alone; every POSIX shell signals groups.
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "kill -s KILL -- \"-$1\"", "sh", &group.to_string()]);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match shell.status().await {
        Ok(status) if status.success() => {}
        other => tracing::warn!(?other, "the processes that a hook started could not be ended"),
    }
}

#[cfg(not(unix))]
async fn end_group(_group: u32) {}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    fn outcome(script: &str, limit: Duration, input: &str) -> (Result<(), HookFailure>, Vec<String>) {
        let command = ["/bin/sh", "-c", script].map(str::to_owned);
        let call = HookCall { command: &command, limit, environment: vec![], input: input.to_owned() };
        let told = Mutex::new(Vec::new());
        let say = |line| told.lock().unwrap().push(line);
        let ended = runtime().block_on(run(&call, &CancellationToken::new(), &say));
        (ended, told.into_inner().unwrap())
    }

    #[test]
    fn its_exit_code_and_its_last_words_are_told_and_made_safe() {
        let minute = Duration::from_mins(1);
        assert!(outcome("test \"$(cat)\" = one", minute, "one\n").0.is_ok());
        let script = "for n in 1 2 3 4 5 6; do printf 'no %s\\033[2J\\n' $n >&2; done; exit 7";
        let (failed, told) = outcome(script, minute, "");
        let text = failed.unwrap_err().to_string();
        assert!(text.starts_with("`/bin/sh` ended with exit code 7: no 2\u{fffd}[2J | no 3"), "{text}");
        assert!(!text.contains('\u{1b}') && text.ends_with("no 6\u{fffd}[2J"), "{text}");
        assert_eq!(told.len(), 6);
        let (signalled, _) = outcome("kill -s TERM $$", minute, "");
        assert!(signalled.unwrap_err().to_string().contains("signal: 15"));
    }

    #[test]
    fn one_that_reads_nothing_or_leaves_its_output_open_is_not_waited_for() {
        let much = "x".repeat(1 << 20);
        assert!(outcome("exit 0", Duration::from_mins(1), &much).0.is_ok());
        let begun = std::time::Instant::now();
        assert!(outcome("sleep 300 & exit 0", Duration::from_secs(200), "").0.is_ok());
        assert!(begun.elapsed() < Duration::from_mins(2));
    }

    #[test]
    fn one_that_ends_in_time_is_not_late_for_what_it_leaves_behind() {
        // Its output stays open beyond the limit, and so do its last words.
        let (ended, told) = outcome("sleep 30 & echo done >&2; exit 0", Duration::from_millis(600), "");
        assert!(ended.is_ok(), "{ended:?}");
        assert_eq!(told, ["done"]);
    }

    #[test]
    fn one_that_says_much_and_closes_its_input_is_heard_to_its_end() {
        let script = "exec 0<&-; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo 'the end' >&2; exit 3";
        let (ended, told) = outcome(script, Duration::from_mins(1), &"customer\n".repeat(100_000));
        assert!(ended.unwrap_err().to_string().ends_with("exit code 3: the end"));
        assert_eq!(told, ["the end"]);
    }

    #[test]
    fn at_its_time_limit_all_that_it_started_ends() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; echo slow >&2; wait", pid.display());
        let (ended, _) = outcome(&script, Duration::from_secs(10), "");
        let text = ended.unwrap_err().to_string();
        assert_eq!(text, "`/bin/sh` was ended at its time limit of 10s: slow");
        let child = std::fs::read_to_string(pid).unwrap();
        let deadline = std::time::Instant::now() + Duration::from_mins(2);
        // A killed process whose parent has gone is awaited by the system, sooner or later.
        let alive = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).ok();
            state.is_some_and(|state| !state.contains(") Z "))
        };
        while cfg!(target_os = "linux") && alive() {
            assert!(std::time::Instant::now() < deadline, "it is still there");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let command = ["/nowhere/copy".to_owned()];
        let call = HookCall {
            command: &command,
            limit: Duration::from_secs(1),
            environment: vec![],
            input: String::new(),
        };
        let ended = runtime().block_on(run(&call, &CancellationToken::new(), &|_| {}));
        assert!(ended.unwrap_err().to_string().starts_with("`/nowhere/copy` can't be started: "));
    }
}
