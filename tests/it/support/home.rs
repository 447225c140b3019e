//! A hermetic home: the only files and variables that a program under test sees.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// AWS's documented example access key.
pub const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// AWS's documented example secret.
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// The region of the demo region, and of every test.
pub const REGION: &str = "eu-west-1";

/// A home folder of its own with the variables that point into it. It goes when it is dropped.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Home {
    /// A home with the example credentials and a region, and nothing else.
    pub fn new() -> Self {
        let mut home = Self::without_credentials();
        home.set("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .set("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
            .set("AWS_REGION", REGION)
            .set("AWS_DEFAULT_REGION", REGION);
        home
    }

    /// A home in which no credentials, region or profile can be found.
    pub fn without_credentials() -> Self {
        let folder =
            tempfile::Builder::new().prefix("cellgate-test-").tempdir().expect("a folder for the test");
        let mut home = Self { folder, variables: BTreeMap::new() };
        for (name, place) in [
            ("HOME", ""),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "runtime"),
            ("TMPDIR", "temporary"),
        ] {
            let path = home.folder.path().join(place);
            fs::create_dir_all(&path).expect("the test's folder is writable");
            home.set(name, &path.display().to_string());
        }
        for (name, file) in
            [("AWS_CONFIG_FILE", "aws-config"), ("AWS_SHARED_CREDENTIALS_FILE", "aws-credentials")]
        {
            let path = home.folder.path().join(file);
            fs::write(&path, "").expect("the test's folder is writable");
            home.set(name, &path.display().to_string());
        }
        home.set("AWS_EC2_METADATA_DISABLED", "true")
            .set("PATH", &std::env::var("PATH").expect("PATH is set"))
            .set("LANG", "C.UTF-8")
            .set("TZ", "UTC");
        home
    }

    /// Sets a variable for the programs that run in this home.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `text` with this home's path replaced by `[HOME]`, so that it reads the same in every run.
    pub fn normalise(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), "[HOME]")
    }
}
