//! What every source of files promises, whatever system it reads them from.
//!
//! A test implements [`SourceHarness`] for its system and calls [`check`] with a function that makes a fresh one.
//! Nothing here knows where the origin is: the harness puts and changes files there by name.

use crate::{Candidate, Claim, Companion, Outcome, Payload, Position, Readiness, Released, Source, Unit};

/// What the source under test does with an origin that was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It stays.
    Kept,
    /// It is moved to an archive or removed.
    Cleared,
}

/// An origin that the suite can change, and the sources that read it. Everything starts empty.
pub trait SourceHarness {
    /// Puts a whole file there, in place of any of that name, ready to be read: with its marker, old enough, or
    /// whatever the source waits for. The names used are `*.csv` for input and `*.ctl` for control files; only the
    /// first are input.
    fn put(&mut self, name: &str, content: &[u8]);
    /// Writes more bytes at the end of a file, as a sender does that was not done. It is ready again afterwards.
    fn append(&mut self, name: &str, more: &[u8]);
    /// Removes a file.
    fn remove(&mut self, name: &str);
    /// Renames a file; under its new name it is ready too.
    fn rename(&mut self, from: &str, to: &str);
    /// The content of a file at the origin, `None` where there is none.
    fn content(&mut self, name: &str) -> Option<Vec<u8>>;
    /// A new source over the same origin and the same spool, as after a restart of the daemon.
    fn source(&mut self, origin: Origin) -> Box<dyn Source>;
    /// What claims keep on this side at the moment, by name: empty when everything was let go.
    fn left_behind(&mut self) -> Vec<String>;
}

/// Identities known from elsewhere: the test vectors of FIPS 180-4.
const KNOWN: [(&[u8], &str); 2] = [
    (b"abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad:3"),
    (b"", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:0"),
];

/// Runs every check, each on an origin of its own.
///
/// # Panics
///
/// With what was promised and what was seen, at the first promise that isn't kept.
pub fn check<H: SourceHarness>(mut harness: impl FnMut() -> H) {
    discovers_everything_in_order(&mut harness());
    identity_is_content(&mut harness());
    same_content_has_one_identity(&mut harness());
    payload_reads_again_from_its_start(&mut harness());
    large_content_arrives_whole(&mut harness());
    removed_before_the_claim_is_lost(&mut harness());
    renamed_before_the_claim_is_lost(&mut harness());
    changed_before_the_claim_is_never_mixed(&mut harness());
    names_cannot_leave_the_origin(&mut harness());
    companions_are_found_or_named(&mut harness());
    committed_part_keeps_everything(&mut harness());
    release_is_idempotent(&mut harness());
    release_finishes_after_a_crash(&mut harness());
    claim_after_a_crash_gives_the_same_unit(&mut harness());
    kept_origin_is_found_again(&mut harness());
    held_units_stay_at_the_origin(&mut harness());
    changed_origin_is_not_cleared(&mut harness());
}

fn discovers_everything_in_order(harness: &mut impl SourceHarness) {
    let mut source = harness.source(Origin::Kept);
    assert_eq!(source.discover().expect("an empty origin can be listed"), [], "nothing is there, nothing is found");
    let names = ["a.csv", "b b.csv", "c.csv", "ünïcode.csv"];
    for name in names.iter().rev() {
        harness.put(name, name.as_bytes());
    }
    harness.put("a.ctl", b"rows = 1");
    let found = source.discover().expect("the origin can be listed");
    let seen: Vec<_> = found.iter().map(|candidate| candidate.name.as_str()).collect();
    assert_eq!(seen, names, "everything that matches is found, in the order of names, and nothing else");
    for candidate in &found {
        assert!(
            matches!(candidate.readiness, Readiness::Ready | Readiness::IfTrailer),
            "a whole file is ready: {candidate:?}"
        );
        assert!(
            candidate.bytes.is_none_or(|bytes| bytes == candidate.name.len() as u64),
            "the size, where it is given, is right: {candidate:?}"
        );
    }
    assert_eq!(source.discover().expect("it can be listed again"), found, "discovery changes nothing");
    assert_nothing_left(harness);
}

fn identity_is_content(harness: &mut impl SourceHarness) {
    let mut source = harness.source(Origin::Kept);
    for (content, id) in KNOWN {
        harness.put("known.csv", content);
        let (_, unit, read) = take(source.as_mut(), "known.csv");
        assert_eq!((unit.id.as_str(), unit.name.as_str()), (id, "known.csv"), "hash and size are the identity");
        assert_eq!(read, content, "the payload is the file's content");
    }
}

fn same_content_has_one_identity(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"same");
    harness.put("b.csv", b"same");
    harness.put("c.csv", b"else");
    let mut source = harness.source(Origin::Cleared);
    let (a, unit_a, _) = take(source.as_mut(), "a.csv");
    let (b, unit_b, payload_b) = take_unread(source.as_mut(), "b.csv");
    let (_, unit_c, _) = take(source.as_mut(), "c.csv");
    assert_eq!(unit_a.id, unit_b.id, "the same content under two names is one unit");
    assert_ne!(unit_a.id, unit_c.id, "other content of the same length is another unit");
    release(source.as_mut(), &a, &unit_a, &Outcome::Finished);
    assert_eq!(read(&payload_b), b"same", "releasing one name doesn't take the content from the other");
    release(source.as_mut(), &b, &unit_b, &Outcome::Duplicate("a.csv".to_owned()));
    assert_eq!(harness.content("b.csv"), None, "a duplicate is cleared like a loaded file");
}

fn payload_reads_again_from_its_start(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"twice");
    let mut source = harness.source(Origin::Kept);
    let (_, _, payload) = take_unread(source.as_mut(), "a.csv");
    let Payload::Bytes(bytes) = &payload else { panic!("a file is bytes") };
    let mut first = bytes.open().expect("the payload opens");
    let mut one = [0];
    first.read_exact(&mut one).expect("the payload reads");
    assert_eq!(read(&payload), b"twice", "a second stream starts at the start, whatever the first has read");
    let mut rest = Vec::new();
    first.read_to_end(&mut rest).expect("the payload reads");
    assert_eq!(rest, b"wice", "and doesn't move the first");
    assert_eq!(bytes.length(), 5, "the length is the content's");
}

fn large_content_arrives_whole(harness: &mut impl SourceHarness) {
    let content: Vec<u8> = (0..3_333_333_u32).map(|at| (at % 251) as u8).collect();
    harness.put("large.csv", &content);
    let (_, _, read) = take(harness.source(Origin::Kept).as_mut(), "large.csv");
    assert!(read == content, "a file longer than any buffer arrives whole: {} of {}", read.len(), content.len());
}

fn removed_before_the_claim_is_lost(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"here");
    let mut source = harness.source(Origin::Kept);
    let candidate = find(source.as_mut(), "a.csv");
    harness.remove("a.csv");
    assert!(!lost(source.as_mut(), &candidate).is_empty(), "a lost claim says what happened");
    assert_nothing_left(harness);
    assert_eq!(source.discover().expect("the origin can be listed"), [], "what was removed is not found again");
}

fn renamed_before_the_claim_is_lost(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    let mut source = harness.source(Origin::Kept);
    let candidate = find(source.as_mut(), "a.csv");
    harness.rename("a.csv", "b.csv");
    lost(source.as_mut(), &candidate);
    assert_nothing_left(harness);
    let (_, unit, _) = take(source.as_mut(), "b.csv");
    assert_eq!(unit.id, KNOWN[0].1, "under its new name it is the same unit");
}

fn changed_before_the_claim_is_never_mixed(harness: &mut impl SourceHarness) {
    type Change = fn(&mut dyn SourceHarness);
    let changes: [(&str, Change); 3] = [
        ("it grew", |harness| harness.append("a.csv", b"+++")),
        ("it was replaced", |harness| harness.put("a.csv", b"replaced, and longer")),
        ("it was cut", |harness| harness.put("a.csv", b"f")),
    ];
    for (what, change) in changes {
        harness.put("a.csv", b"first");
        let mut source = harness.source(Origin::Cleared);
        let candidate = find(source.as_mut(), "a.csv");
        change(harness);
        let now = harness.content("a.csv").expect("it is still there");
        match source.claim(&candidate).unwrap_or_else(|error| panic!("a change is no error: {what}: {error}")) {
            Claim::Lost(_) => assert_nothing_left(harness),
            Claim::Taken { unit, payload } => {
                assert_eq!(read(&payload), now, "{what}: what is taken is what lies there now");
                release(source.as_mut(), &candidate, &unit, &Outcome::Held("checked".to_owned()));
            }
        }
        let (candidate, unit, content) = take(source.as_mut(), "a.csv");
        assert_eq!(content, now, "{what}: the next round takes it as it is now");
        release(source.as_mut(), &candidate, &unit, &Outcome::Finished);
    }
}

fn names_cannot_leave_the_origin(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    harness.put("a.ctl", b"rows = 1");
    let mut source = harness.source(Origin::Cleared);
    let (candidate, unit, _) = take(source.as_mut(), "a.csv");
    for name in ["../a.csv", "/etc/passwd", "..", ".", "", "x/../a.csv", "a.csv\0"] {
        let forged = Candidate { name: name.to_owned(), ..candidate.clone() };
        assert!(source.claim(&forged).is_err(), "claiming {name:?} is an error");
        assert!(source.companion(&forged, "{stem}.ctl").is_err(), "so is asking for its control file");
        assert!(source.release(&forged, &unit, &Outcome::Finished).is_err(), "and so is releasing it");
    }
    for pattern in ["../{stem}.ctl", "/{stem}.ctl", "{stem}/../a.ctl", "a.ctl", "{name}"] {
        assert!(source.companion(&candidate, pattern).is_err(), "a control file called {pattern:?} is refused");
    }
}

fn companions_are_found_or_named(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    let mut source = harness.source(Origin::Kept);
    let candidate = find(source.as_mut(), "a.csv");
    let mut ask = |pattern: &str| source.companion(&candidate, pattern).expect("a missing control file is no error");
    assert_eq!(ask("{stem}.ctl"), Companion::Missing("a.ctl".to_owned()), "the name that was looked for is given");
    assert_eq!(ask("{name}.ctl"), Companion::Missing("a.csv.ctl".to_owned()), "with its extension for {{name}}");
    harness.put("a.ctl", b"rows = 1\n");
    assert_eq!(ask("{stem}.ctl"), Companion::Found(b"rows = 1\n".to_vec()), "once it is there it is read");
}

fn committed_part_keeps_everything(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    let mut source = harness.source(Origin::Cleared);
    let (candidate, unit, payload) = take_unread(source.as_mut(), "a.csv");
    let part = Outcome::Committed(Position::new("offset=1;row=1;line=1"));
    assert_eq!(release(source.as_mut(), &candidate, &unit, &part), Released::Kept, "more is to come");
    assert_eq!(read(&payload), b"abc", "and it can still be read");
    assert_eq!(harness.content("a.csv").as_deref(), Some(&b"abc"[..]), "the origin is untouched");
}

fn release_is_idempotent(harness: &mut impl SourceHarness) {
    for origin in [Origin::Kept, Origin::Cleared] {
        harness.put("a.csv", b"abc");
        let mut source = harness.source(origin);
        let (candidate, unit, _) = take(source.as_mut(), "a.csv");
        let first = release(source.as_mut(), &candidate, &unit, &Outcome::Finished);
        assert_eq!(first != Released::Kept, origin == Origin::Cleared, "it says what it did: {first:?}");
        assert_eq!(harness.content("a.csv").is_none(), origin == Origin::Cleared, "and did it: {first:?}");
        assert_nothing_left(harness);
        let second = release(source.as_mut(), &candidate, &unit, &Outcome::Finished);
        assert_eq!(second, Released::Kept, "the second time nothing is to be done");
    }
}

fn release_finishes_after_a_crash(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    let (candidate, unit, payload) = take_unread(harness.source(Origin::Cleared).as_mut(), "a.csv");
    drop(payload);
    let mut restarted = harness.source(Origin::Cleared);
    let released = release(restarted.as_mut(), &candidate, &unit, &Outcome::Finished);
    assert_ne!(released, Released::Kept, "a source that never claimed it releases it all the same");
    assert_eq!(harness.content("a.csv"), None, "the origin is cleared");
    assert_nothing_left(harness);
}

fn claim_after_a_crash_gives_the_same_unit(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    let (_, before, _) = take(harness.source(Origin::Cleared).as_mut(), "a.csv");
    let mut restarted = harness.source(Origin::Cleared);
    let (candidate, after, content) = take(restarted.as_mut(), "a.csv");
    assert_eq!((&after, content.as_slice()), (&before, &b"abc"[..]), "the same file is the same unit after a restart");
    release(restarted.as_mut(), &candidate, &after, &Outcome::Finished);
    assert_nothing_left(harness);
}

fn kept_origin_is_found_again(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    let mut source = harness.source(Origin::Kept);
    let (candidate, unit, _) = take(source.as_mut(), "a.csv");
    release(source.as_mut(), &candidate, &unit, &Outcome::Finished);
    let (_, again, _) = take(source.as_mut(), "a.csv");
    assert_eq!(again.id, unit.id, "a kept file is found again and is the same unit");
}

fn held_units_stay_at_the_origin(harness: &mut impl SourceHarness) {
    harness.put("a.csv", b"abc");
    let mut source = harness.source(Origin::Cleared);
    for outcome in [Outcome::Held("new content".to_owned()), Outcome::Quarantined("rows".to_owned())] {
        let (candidate, unit, _) = take(source.as_mut(), "a.csv");
        assert_eq!(release(source.as_mut(), &candidate, &unit, &outcome), Released::Kept, "{outcome:?} stays");
        assert_eq!(harness.content("a.csv").as_deref(), Some(&b"abc"[..]), "{outcome:?}: the origin is untouched");
        assert_nothing_left(harness);
    }
}

fn changed_origin_is_not_cleared(harness: &mut impl SourceHarness) {
    for restart in [false, true] {
        harness.put("a.csv", b"loaded");
        let mut source = harness.source(Origin::Cleared);
        let (candidate, unit, _) = take(source.as_mut(), "a.csv");
        harness.put("a.csv", b"newer!");
        if restart {
            source = harness.source(Origin::Cleared);
        }
        let released = release(source.as_mut(), &candidate, &unit, &Outcome::Finished);
        assert!(matches!(released, Released::Left(_)), "what was not loaded is left alone, and said: {released:?}");
        assert_eq!(harness.content("a.csv").as_deref(), Some(&b"newer!"[..]), "the new content is still there");
        assert_nothing_left(harness);
    }
}

fn find(source: &mut dyn Source, name: &str) -> Candidate {
    let found = source.discover().expect("the origin can be listed");
    let listed = format!("{found:?}");
    let here = found.into_iter().find(|candidate| candidate.name == name);
    here.unwrap_or_else(|| panic!("{name} is found among {listed}"))
}

fn take_unread(source: &mut dyn Source, name: &str) -> (Candidate, Unit, Payload) {
    let candidate = find(source, name);
    match source.claim(&candidate).unwrap_or_else(|error| panic!("{name} can be claimed: {error}")) {
        Claim::Taken { unit, payload } => (candidate, unit, payload),
        Claim::Lost(why) => panic!("{name} is taken, not lost: {why}"),
    }
}

fn take(source: &mut dyn Source, name: &str) -> (Candidate, Unit, Vec<u8>) {
    let (candidate, unit, payload) = take_unread(source, name);
    let content = read(&payload);
    (candidate, unit, content)
}

fn lost(source: &mut dyn Source, candidate: &Candidate) -> String {
    match source.claim(candidate).unwrap_or_else(|error| panic!("going away is no error: {error}")) {
        Claim::Lost(why) => why,
        Claim::Taken { unit, .. } => panic!("{} is lost, not taken as {}", candidate.name, unit.id),
    }
}

fn read(payload: &Payload) -> Vec<u8> {
    let Payload::Bytes(bytes) = payload else { panic!("a file is bytes") };
    let mut content = Vec::new();
    bytes
        .open()
        .and_then(|mut stream| {
            let read = stream.read_to_end(&mut content);
            read.map_err(|error| crate::Error::io("read", bytes.name(), &error))
        })
        .expect("the payload reads");
    content
}

fn release(source: &mut dyn Source, candidate: &Candidate, unit: &Unit, outcome: &Outcome) -> Released {
    source
        .release(candidate, unit, outcome)
        .unwrap_or_else(|error| panic!("{} can be released as {outcome:?}: {error}", candidate.name))
}

fn assert_nothing_left(harness: &mut impl SourceHarness) {
    assert_eq!(harness.left_behind(), [""; 0], "nothing is kept of what was let go or not taken");
}
