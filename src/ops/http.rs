//! What the daemon shows over HTTP: whether it lives, whether it is ready, its metrics, and how things stand as JSON. All of
//! it can only be read. It listens on the loopback unless told otherwise.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use campaignd_contract::Error;

use super::metrics::Metrics;
use crate::schedule::clock::Clock;

/// How the daemon itself is: written by its loop, read by whoever asks.
#[derive(Debug, Default)]
pub struct Health {
    /// Milliseconds of the clock that nobody sets, at the loop's latest turn.
    looked: AtomicU64,
    hangs: AtomicBool,
    ready: AtomicBool,
}

/// A loop that hasn't turned for so long doesn't turn any more: it looks at the clock twice as often.
const STALE: Duration = Duration::from_mins(1);

impl Health {
    /// The loop has turned. `hangs`: something it watches over gives no sign of life.
    pub fn turned(&self, elapsed: Duration, hangs: bool) {
        self.looked.store(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.hangs.store(hangs, Ordering::Relaxed);
    }

    /// Whether the warehouse was reached, and pipelines run.
    pub fn is_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    fn alive(&self, elapsed: Duration) -> bool {
        let looked = Duration::from_millis(self.looked.load(Ordering::Relaxed));
        elapsed.saturating_sub(looked) < STALE && !self.hangs.load(Ordering::Relaxed)
    }
}

/// Makes a page of JSON; an error is told to whoever asked. May take long.
pub type Page = Arc<dyn Fn(&BTreeMap<String, String>) -> Result<String, String> + Send + Sync>;

/// What is shown.
#[derive(Clone)]
pub struct Shown {
    /// How the daemon is.
    pub health: Arc<Health>,
    /// Its figures.
    pub metrics: Arc<Metrics>,
    /// The clock by which it turns.
    pub clock: Arc<dyn Clock>,
    /// Pages of JSON by path: `/api/v1/status`.
    pub pages: Vec<(&'static str, Page)>,
}

/// Serves it on a thread of its own, as long as the process lives. Returns the address, whose port the system has chosen
/// where 0 was asked for.
///
/// # Errors
///
/// Where it can't listen there.
pub fn serve(listen: SocketAddr, shown: Shown) -> Result<SocketAddr, Error> {
    let refused = |error: &std::io::Error| {
        Error::io("listen on", listen.to_string(), error)
            .next("give another address or port as `listen` in [http], or `enabled = false`")
    };
    let listener = TcpListener::bind(listen).map_err(|error| refused(&error))?;
    listener.set_nonblocking(true).map_err(|error| refused(&error))?;
    let address = listener.local_addr().map_err(|error| refused(&error))?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| refused(&error))?;
    let router = router(shown);
    let served = std::thread::Builder::new().name("http".to_owned()).spawn(move || {
        runtime.block_on(async move {
            // A listener that breaks takes the pages with it, and nothing else.
            if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                let _ = axum::serve(listener, router).await;
            }
        });
    });
    served.map_err(|error| refused(&error))?;
    Ok(address)
}

fn router(shown: Shown) -> Router {
    let mut router =
        Router::new().route("/healthz", get(healthz)).route("/readyz", get(readyz)).route("/metrics", get(metrics));
    for (path, page) in shown.pages.clone() {
        router = router.route(path, get(move |query| api(page, query)));
    }
    router.with_state(shown)
}

async fn healthz(State(shown): State<Shown>) -> (StatusCode, &'static str) {
    if shown.health.alive(shown.clock.elapsed()) {
        (StatusCode::OK, "alive\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "it doesn't get on\n")
    }
}

async fn readyz(State(shown): State<Shown>) -> (StatusCode, &'static str) {
    if shown.health.ready.load(Ordering::Relaxed) {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the warehouse hasn't been reached yet, or it stops\n")
    }
}

async fn metrics(State(shown): State<Shown>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], shown.metrics.text()).into_response()
}

/// Queries block, so they have threads of their own: a warehouse that hangs keeps nobody from asking how the daemon is.
async fn api(page: Page, Query(query): Query<BTreeMap<String, String>>) -> Response {
    const JSON: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let made = tokio::task::spawn_blocking(move || page(&query)).await;
    let failed = |wrong: String| {
        let body = serde_json::json!({ "error": wrong }).to_string();
        (StatusCode::SERVICE_UNAVAILABLE, JSON, body).into_response()
    };
    match made {
        Ok(Ok(body)) => (JSON, body).into_response(),
        Ok(Err(wrong)) => failed(wrong),
        Err(_) => failed("a defect of campaignd: please report it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;
    use crate::schedule::clock::ManualClock;

    fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn it_shows_how_the_daemon_is_and_lets_nobody_change_anything() {
        let clock = Arc::new(ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap()));
        let health = Arc::new(Health::default());
        let page: Page = Arc::new(|query| match query.get("pipeline") {
            Some(name) => Ok(format!("[\"{name}\"]")),
            None => Err("the warehouse can't be used".to_owned()),
        });
        let metrics = Arc::new(Metrics::default());
        let shown =
            Shown { health: Arc::clone(&health), metrics, clock: clock.clone(), pages: vec![("/api/v1/runs", page)] };
        let address = serve("127.0.0.1:0".parse().unwrap(), shown).unwrap();
        let status = |request: &str| ask(address, request).lines().next().unwrap()["HTTP/1.1 ".len()..][..3].to_owned();

        assert_eq!((status("GET /healthz"), status("GET /readyz")), ("200".to_owned(), "503".to_owned()));
        health.is_ready(true);
        health.turned(clock.elapsed(), false);
        assert_eq!(status("GET /readyz"), "200");
        clock.advance(Duration::from_mins(2));
        assert_eq!(status("GET /healthz"), "503", "its loop has stopped");
        health.turned(clock.elapsed(), true);
        assert_eq!(status("GET /healthz"), "503", "a run hangs");

        let metrics = ask(address, "GET /metrics");
        assert!(
            metrics.contains("application/openmetrics-text") && metrics.contains("campaignd_build_info"),
            "{metrics}"
        );
        assert!(ask(address, "GET /api/v1/runs?pipeline=calls").ends_with("[\"calls\"]"));
        assert!(ask(address, "GET /api/v1/runs").ends_with("{\"error\":\"the warehouse can't be used\"}"));
        assert_eq!(
            (status("POST /metrics"), status("DELETE /api/v1/runs"), status("GET /")),
            ("405".into(), "405".into(), "404".into())
        );
        let taken = serve(address, Shown { health, metrics: Arc::new(Metrics::default()), clock, pages: Vec::new() });
        assert!(taken.unwrap_err().to_string().contains("give another address or port as `listen` in [http]"));
    }
}
