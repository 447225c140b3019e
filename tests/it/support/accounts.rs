//! Two accounts in one configuration: their keys, a home that names them, and a port behind which nobody is.

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;

use super::home::Home;
use super::region::Region;

/// The example keys of the demo's two accounts.
pub const CREDENTIALS: &str = "[one]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                               aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n\
                               [two]\naws_access_key_id = AKIAI44QH8DHBEXAMPLE\n\
                               aws_secret_access_key = je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n";

/// One region of the configuration: `shop-NAME`, which logs in with the profile NAME.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'entry> {
    pub name: &'entry str,
    pub endpoint: &'entry str,
    /// Its code.
    pub region: &'entry str,
    /// Further lines of the entry.
    pub more: &'entry str,
}

impl<'entry> Entry<'entry> {
    pub fn new(name: &'entry str, endpoint: &'entry str) -> Self {
        Self { name, endpoint, region: "eu-west-1", more: "" }
    }
}

/// A home with these regions in this order, below settings of its own.
pub fn home_of(settings: &str, regions: &[Entry<'_>]) -> Home {
    let home = Home::without_credentials();
    std::fs::write(home.path().join("aws-credentials"), CREDENTIALS).expect("the home can be written");
    configure(&home, settings, regions);
    home
}

/// Gives a home other regions.
pub fn configure(home: &Home, settings: &str, regions: &[Entry<'_>]) {
    let entry = |Entry { name, endpoint, region, more }: &Entry<'_>| {
        format!(
            "[[regions]]\nprofile = \"{name}\"\nregion = \"{region}\"\nalias = \"shop-{name}\"\n\
             endpoint-url = \"{endpoint}\"\n{more}"
        )
    };
    let text: String = regions.iter().map(entry).collect();
    let folder = home.path().join("config/cellgate");
    std::fs::create_dir_all(&folder).expect("the home can be written");
    std::fs::write(folder.join("config.toml"), format!("{settings}{text}")).expect("the home can be written");
}

/// Gives both profiles the keys of the first account.
pub fn both_first(home: &Home) {
    let (one, _) = CREDENTIALS.split_once("[two]").expect("both");
    let both = format!("{one}{}", one.replace("[one]", "[two]"));
    std::fs::write(home.path().join("aws-credentials"), both).expect("the home can be written");
}

/// A region with two accounts, four cells and the router's table in the first.
pub fn two_accounts(clock: Clock) -> Region {
    Region::start(RegionOptions {
        clock,
        control_plane_limits: false,
        accounts: Some(2),
        cells: 4,
        apis: 10,
        customers: 200,
        ..RegionOptions::default()
    })
}

/// A port on which nobody listens, nor any test that runs meanwhile.
pub fn closed() -> String {
    "http://127.0.0.1:1".to_owned()
}
