//! Lists that come in pages: a proxy brings every page down to 25 rows, AWS's default, whatever
//! cellgate asks for.

use std::collections::BTreeSet;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use cellgate_demo::RegionOptions;

use super::home;
use crate::support::binary::cellgate;
use crate::support::http::Request;
use crate::support::region::Region;

/// A proxy on a loopback port that nobody stops: it ends with the test's process.
fn small_pages_before(upstream: &str) -> String {
    let upstream = upstream.strip_prefix("http://").expect("HTTP").to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
    let address = listener.local_addr().expect("the listener has an address");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let upstream = upstream.clone();
            thread::spawn(move || serve(&stream, &upstream));
        }
    });
    format!("http://{address}")
}

fn serve(stream: &TcpStream, upstream: &str) -> Option<()> {
    let mut request = Request::read(stream).ok()??;
    for size in ["limit=", "maxResults="] {
        if let Some((before, after)) = request.target.split_once(size) {
            let rest = after.find('&').map_or("", |end| &after[end..]);
            request.target = format!("{before}{size}25{rest}");
        }
    }
    let answer = request.forward(upstream).ok()?;
    answer.send(stream, usize::MAX).ok()?;
    stream.shutdown(Shutdown::Both).ok()
}

#[test]
fn all_of_200_apis_are_listed_25_at_a_time() {
    let options = RegionOptions { apis: 200, control_plane_limits: false, ..RegionOptions::default() };
    let region = Region::start(options);
    let endpoint = small_pages_before(&region.endpoint_url());
    let listed = cellgate(&home(), ["get", "apis", "-o", "json", "--endpoint-url", &endpoint]).json();
    let rows = listed.as_array().expect("a list");
    let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().expect("an id")).collect();
    let estate = region.estate();
    assert_eq!((rows.len(), estate.apis.len()), (200, 200));
    assert_eq!(ids, estate.apis.iter().map(|api| api.id.as_str()).collect());
    assert_eq!(
        (region.count("GetRestApis"), region.count("GetApis")),
        pages(&estate),
        "each page is asked for once"
    );
}

/// How many pages of 25 the two lists have.
fn pages(estate: &cellgate_demo::estate::Estate) -> (usize, usize) {
    let rest = estate.apis.iter().filter(|api| api.kind == cellgate_demo::estate::ApiKind::Rest).count();
    (rest.div_ceil(25), (estate.apis.len() - rest).div_ceil(25))
}
