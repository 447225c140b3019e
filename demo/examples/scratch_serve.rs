#[tokio::main]
async fn main() {
    if std::env::args().nth(1).as_deref() == Some("claims") {
        let rows: Vec<String> =
            cellgate_demo::operations().iter().map(|(s, o)| format!("[\"{s}\",\"{o}\"]")).collect();
        println!("[{}]", rows.join(","));
        return;
    }
    let options = cellgate_demo::RegionOptions { control_plane_limits: false, ..Default::default() };
    let region = cellgate_demo::start(options).await.unwrap();
    println!("# The demo region listens at {}", region.endpoint_url());
    std::future::pending::<()>().await;
}
