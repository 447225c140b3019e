//! A journal that was tampered with, or that the disk has no room for: nothing is sent.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::support::binary::cellgate;
use crate::support::home::Home;
use crate::support::region::Region;

const PULL: [&str; 5] = ["throttle", "set", "cell-01-api/prod", "--yes", "--rate"];

fn home(region: &Region) -> (Home, PathBuf) {
    let mut home = Home::new();
    home.set("AWS_ENDPOINT_URL", &region.endpoint_url());
    let directory = home.path().join("state/cellgate/journal");
    (home, directory)
}

#[test]
fn a_journal_with_an_altered_line_takes_no_change() {
    let region = Region::on_the_wall_clock();
    let (home, directory) = home(&region);
    let pull = |rate: &str| cellgate(&home, PULL.into_iter().chain([rate]));
    assert_eq!(pull("101").code, Some(0));
    let file = directory.join("journal.jsonl");
    let whole = fs::read_to_string(&file).unwrap();
    // As long as before, so that nothing but its content tells.
    fs::write(&file, whole.replacen("user/operator", "user/somebody", 1)).unwrap();
    let refused = pull("102");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(6), ""), "{refused:?}");
    assert!(refused.stderr.contains("record 1 was altered"), "{refused:?}");
    assert_eq!(region.count("UpdateStage"), 1);

    fs::write(&file, whole).unwrap();
    assert_eq!(pull("102").code, Some(0), "what is whole again takes changes again");
}

#[test]
fn a_full_disk_takes_no_change() {
    let region = Region::on_the_wall_clock();
    let (home, directory) = home(&region);
    let pull = |rate: &str| cellgate(&home, PULL.into_iter().chain([rate]));
    fs::create_dir_all(&directory).unwrap();
    // The kernel's own full disk, in the place of the file that each record ends with.
    symlink("/dev/full", directory.join("journal.head.new")).unwrap();
    let refused = pull("101");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{refused:?}");
    assert!(refused.stderr.contains("can't be written: No space left on device"), "{refused:?}");
    assert!(refused.stderr.contains("nothing is sent that can't be recorded first"), "{refused:?}");
    assert_eq!(region.count("UpdateStage"), 0);

    // The intent got its line, and stands open until somebody has looked.
    fs::remove_file(directory.join("journal.head.new")).unwrap();
    let open = cellgate(&home, ["journal", "list", "-o", "json"]).json();
    let id = open[0]["id"].as_str().expect("the intent");
    assert_eq!(pull("101").code, Some(3));
    let finished = cellgate(&home, ["finish", id, "-o", "json"]).json();
    assert_eq!(finished["outcome"], "not-applied");
    assert_eq!(pull("101").code, Some(0));
    assert_eq!(region.count("UpdateStage"), 1);
    assert_eq!(cellgate(&home, ["journal", "verify"]).code, Some(0));
}

#[test]
fn a_journal_without_a_directory_takes_no_change() {
    let region = Region::on_the_wall_clock();
    let (home, directory) = home(&region);
    fs::create_dir_all(directory.parent().unwrap()).unwrap();
    fs::write(&directory, "in the way").unwrap();
    let refused = cellgate(&home, PULL.into_iter().chain(["101"]));
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{refused:?}");
    assert!(refused.stderr.contains("the journal"), "{refused:?}");
    assert_eq!(region.count("UpdateStage"), 0);
}
