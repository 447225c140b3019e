//! How much memory a command takes.

use std::process::Command;

use super::binary::CELLGATE;
use super::home::Home;

/// Kilobytes that a command took at its most, as the system tells of a child that has ended.
pub fn peak_kilobytes(home: &Home, arguments: &[&str]) -> u64 {
    let script = "import resource, subprocess, sys\n\
                  subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n\
                  print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut command = Command::new(python);
    command.args(["-c", script, CELLGATE]).args(arguments).env_clear().envs(home.variables());
    let output = command.output().expect("python runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text").trim().parse().expect("a number")
}
