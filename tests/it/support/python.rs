//! Virtual environments with pinned Python packages, made once under the target folder.
//!
//! The demo region and cellgate are judged by programs that nobody here wrote: moto, ministack,
//! boto3 and the AWS CLI. A machine without Python fails the tests with a line that says what to install.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::home::Home;

/// A virtual environment that holds exactly the packages of one requirement file.
#[derive(Debug)]
pub struct PythonEnvironment {
    root: PathBuf,
}

impl PythonEnvironment {
    /// The environment of the moto server.
    pub fn moto() -> &'static Self {
        static MOTO: OnceLock<PythonEnvironment> = OnceLock::new();
        MOTO.get_or_init(|| Self::make("moto-5.2.5", "moto.txt"))
    }

    /// The environment of ministack, which pins a botocore of its own.
    pub fn ministack() -> &'static Self {
        static MINISTACK: OnceLock<PythonEnvironment> = OnceLock::new();
        MINISTACK.get_or_init(|| Self::make("ministack-1.5.33", "ministack.txt"))
    }

    /// The environment of boto3 and the AWS CLI.
    pub fn clients() -> &'static Self {
        static CLIENTS: OnceLock<PythonEnvironment> = OnceLock::new();
        CLIENTS.get_or_init(|| Self::make("clients", "clients.txt"))
    }

    /// A command for one of the environment's programs, such as `python` or `aws`, which sees
    /// nothing of this machine but `home`.
    pub fn command(&self, program: &str, home: &Home) -> Command {
        let mut command = Command::new(self.program(program));
        command.env_clear().envs(home.variables()).current_dir(home.path());
        // The scripts lie in the source tree, which no test shall write to.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    fn program(&self, name: &str) -> PathBuf {
        self.root.join("bin").join(name)
    }

    fn make(name: &str, requirement_file: &str) -> Self {
        let requirements = fixture(requirement_file);
        let interpreter = Interpreter::find();
        let folder = target_folder().join("test-python");
        fs::create_dir_all(&folder).expect("the target folder is writable");
        let environment = Self { root: folder.join(name) };

        // Test processes run at the same time: the first makes the environment, the others wait.
        let lock = File::create(folder.join(format!("{name}.lock"))).expect("the lock file can be made");
        lock.lock().expect("the lock file can be locked");

        let stamp_file = environment.root.join("cellgate-stamp");
        let stamp = stamp(&requirements, &interpreter.version);
        if fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
            return environment;
        }
        if environment.root.exists() {
            fs::remove_dir_all(&environment.root).expect("an outdated environment can be removed");
        }
        let log = folder.join(format!("{name}.log"));
        interpreter.create_environment(&environment.root, &log);
        environment.install(&requirements, &log);
        fs::write(&stamp_file, stamp).expect("the environment is writable");
        environment
    }

    fn install(&self, requirements: &Path, log: &Path) {
        // Everything is pinned, so there is nothing to resolve: `check` says whether a pin is missing.
        let mut install = Command::new(self.program("python"));
        install.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--requirement"]);
        install.arg(requirements);
        run_logged(&mut install, log, "The first run of the tests needs the Python package index.");
        let mut check = Command::new(self.program("python"));
        check.args(["-m", "pip", "check"]);
        run_logged(&mut check, log, "The pins of the requirement file don't fit each other.");
    }
}

/// The path of a file in `tests/fixtures/python`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/python").join(name)
}

/// The Python that makes the environments: `PYTHON` of the environment, else `python3`.
struct Interpreter {
    program: OsString,
    version: String,
}

impl Interpreter {
    fn find() -> Self {
        let program = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let asked = Command::new(&program).arg("--version").output();
        match asked {
            Ok(output) if output.status.success() => {
                let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                assert!(
                    is_new_enough(&version),
                    "the tests need Python 3.11 or newer, and `{}` is {version}: set PYTHON to a newer one",
                    program.display()
                );
                Self { program, version }
            }
            Ok(output) => panic!(
                "the tests need Python 3.11 or newer: `{} --version` failed with {}: {}",
                program.display(),
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            ),
            Err(error) => panic!(
                "the tests need Python 3.11 or newer, and `{}` can't be started ({error}): install Python 3 \
                 with venv (Debian: `apt install python3 python3-venv`), or set PYTHON to its path",
                program.display()
            ),
        }
    }

    fn create_environment(&self, root: &Path, log: &Path) {
        let mut venv = Command::new(&self.program);
        venv.args(["-m", "venv"]).arg(root);
        run_logged(
            &mut venv,
            log,
            "Where venv or ensurepip is missing, install it (Debian: `apt install python3-venv`).",
        );
    }
}

/// Whether this, such as `Python 3.11.7`, is a version that the pinned packages run on.
fn is_new_enough(version: &str) -> bool {
    let numbers = version.trim_start_matches("Python ").split('.').map(str::parse);
    let numbers: Vec<u32> = numbers.map_while(Result::ok).collect();
    numbers.as_slice() >= [3, 11].as_slice()
}

#[test]
fn old_pythons_are_told_from_new_ones() {
    for (version, expected) in [
        ("Python 3.11.0", true),
        ("Python 3.14.0rc1", true),
        ("Python 3.9.18", false),
        ("Python 2.7.18", false),
    ] {
        assert_eq!(is_new_enough(version), expected, "{version}");
    }
}

fn run_logged(command: &mut Command, log: &Path, hint: &str) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("`{}` can't be started: {error}", command.get_program().display()));
    let text = [output.stdout.as_slice(), output.stderr.as_slice()]
        .map(String::from_utf8_lossy)
        .join("\n")
        .into_bytes();
    fs::write(log, &text).expect("the target folder is writable");
    assert!(
        output.status.success(),
        "{command:?} failed with {}. {hint} Its output, kept in {}:\n{}",
        output.status,
        log.display(),
        String::from_utf8_lossy(&text)
    );
}

fn stamp(requirements: &Path, version: &str) -> String {
    let text = fs::read(requirements)
        .unwrap_or_else(|error| panic!("{} can't be read: {error}", requirements.display()));
    format!("{version} {:x}\n", Sha256::digest(text))
}

fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("cargo puts its folder for temporary files into the target folder")
        .to_owned()
}
