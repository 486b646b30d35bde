//! Places where a test can make the process die: one at each durable step.
//!
//! `CAMPAIGND_FAILPOINT=name:n` aborts the process the `n`th time it passes the place called `name` (the first
//! is 1). With `name:n:hang` it goes no further there instead, as work does that a system never answers. Only in builds with debug assertions; a release build carries none of it.

/// Every place, so that a test can go through them all.
pub const FAILPOINTS: &[&str] = &[
    "file-spooled",
    "file-spool-named",
    "lease-claimed",
    "run-started",
    "transaction-begun",
    "records-upserted",
    "rejects-written",
    "ledger-written",
    "checkpoint-moved",
    "before-commit",
    "after-commit",
    "file-marked",
    "before-release",
    "file-archived",
    "after-release",
    "before-run-finished",
    "after-run-finished",
    "roi-begun",
    "roi-matched",
    "roi-written",
    "roi-committed",
];

/// Aborts here if the environment says so.
pub fn failpoint(name: &str) {
    #[cfg(debug_assertions)]
    armed::pass(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

/// Bugs that can be planted by `CAMPAIGND_PLANTED=name`, to see that the tests find them.
pub const PLANTED: &[&str] = &["checkpoint-after-commit", "release-before-commit", "unfenced-writer"];

/// Whether a bug is planted. Never in a release build.
pub fn planted(name: &str) -> bool {
    debug_assert!(PLANTED.contains(&name), "{name} is not in the list of planted bugs");
    cfg!(debug_assertions) && std::env::var("CAMPAIGND_PLANTED").is_ok_and(|planted| planted == name)
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Armed {
        name: String,
        count: u64,
        hangs: bool,
    }

    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);

    pub fn pass(name: &str) {
        debug_assert!(super::FAILPOINTS.contains(&name), "{name} is not in the list of failpoints");
        let armed = ARMED.get_or_init(|| {
            let text = std::env::var("CAMPAIGND_FAILPOINT").ok()?;
            let (name, count) = text.split_once(':')?;
            let (count, hangs) = count.strip_suffix(":hang").map_or((count, false), |count| (count, true));
            Some(Armed { name: name.to_owned(), count: count.parse().ok()?, hangs })
        });
        if let Some(armed) = armed
            && armed.name == name
            && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == armed.count
        {
            if !armed.hangs {
                std::process::abort();
            }
            loop {
                std::thread::park();
            }
        }
    }
}
