//! Connections that are cut, fall silent, or can't be made.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use campaignd_contract::{ErrorClass, Outcome, Source};

use super::bed::{Bed, candidate, claim, content, fail, take};
use super::proxy::{Fate, Proxy};
use super::sshd::Sshd;
use crate::pool::Patience;

const MEBIBYTE: u64 = 1 << 20;

/// A bed with one big file, behind a proxy.
fn behind(plan: impl Fn(u64) -> Fate + Send + 'static) -> Option<(Bed, Proxy)> {
    let bed = Bed::new()?;
    let proxy = Proxy::start(bed.server.port(), plan);
    let known = [bed.server.port(), proxy.port()].map(|port| bed.server.known_host("ed25519", port)).concat();
    std::fs::write(bed.root().join("known_hosts"), known).unwrap();
    bed.put("big", content(20 << 20));
    Some((bed, proxy))
}

fn settings(proxy: &Proxy) -> String {
    format!("port = {}\ntimeout_seconds = 2\nconnect_timeout_seconds = 4", proxy.port())
}

/// What a client gets that says something to a server which answers with ten bytes.
fn answer(fate: Fate) -> (Vec<u8>, Option<ErrorKind>) {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let proxy = Proxy::start(server.local_addr().unwrap().port(), move |_| fate);
    let mut client = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
    let (mut peer, _) = server.accept().unwrap();
    client.write_all(b"question").unwrap();
    let mut question = [0; 8];
    peer.read_exact(&mut question).unwrap();
    peer.write_all(b"the answer").unwrap();
    if !matches!(fate, Fate::Silent(_)) {
        peer.shutdown(Shutdown::Write).unwrap();
    }
    client.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut answer = Vec::new();
    let ended = client.read_to_end(&mut answer).err().map(|error| error.kind());
    (answer, ended)
}

#[test]
fn the_proxy_does_what_it_is_told() {
    let whole = b"the answer".to_vec();
    assert_eq!(answer(Fate::Whole), (whole.clone(), None));
    assert_eq!(answer(Fate::Slow(Duration::from_millis(1))), (whole, None));
    assert_eq!(answer(Fate::Cut(3)), (b"the".to_vec(), None));
    assert_eq!(answer(Fate::Silent(0)), (Vec::new(), Some(ErrorKind::WouldBlock)));
    // What was on its way is lost with it, or not.
    assert_eq!(answer(Fate::Reset(3)).1, Some(ErrorKind::ConnectionReset));

    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let port = Proxy::start(server, |_| Fate::Whole).port();
    let refused = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(Proxy::start_at(port, server, |_| Fate::Whole).port(), port);
}

#[test]
fn a_cut_transfer_goes_on_at_the_byte_where_it_broke() {
    let Some((bed, proxy)) = behind(|_| Fate::Cut(3 * MEBIBYTE)) else { return };
    let mut source = bed.source(&settings(&proxy));
    // libssh2 loses what it had received and not yet unpacked when the connection ended. Where all processors are busy
    // that can be most of what came.
    source.set_patience(Patience { tries: 50, pause: Duration::from_millis(1) });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let see = Arc::clone(&seen);
    source.set_on_chunk(Arc::new(move |at| see.lock().unwrap().push(at)));
    let (found, unit, fetched) = take(&mut source, "big");
    assert!(fetched == content(20 << 20), "it arrives whole");
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted(), "nothing is fetched again: {seen:?}");
    assert!(proxy.connections() >= 7, "it took as many connections as it had to: {}", proxy.connections());
    source.release(&found, &unit, &Outcome::Finished).unwrap();
    assert_eq!(bed.spooled(), [""; 0]);
}

#[test]
fn a_transfer_over_a_line_that_is_reset_or_slow_arrives_whole() {
    let Some((bed, proxy)) = behind(|number| match number {
        0 => Fate::Reset(6 * MEBIBYTE),
        1 => Fate::Reset(2 * MEBIBYTE),
        _ => Fate::Slow(Duration::from_micros(200)),
    }) else {
        return;
    };
    let mut source = bed.source(&settings(&proxy));
    source.set_patience(Patience { tries: 10, pause: Duration::from_millis(1) });
    let (_, _, fetched) = take(&mut source, "big");
    assert!(fetched == content(20 << 20), "it arrives whole");
    assert!(proxy.connections() >= 3, "{}", proxy.connections());
}

#[test]
fn a_transfer_that_is_asked_to_stop_ends_and_is_taken_up_by_the_next_run() {
    let Some((bed, proxy)) = behind(|_| Fate::Whole) else { return };
    let context = bed.context();
    let settings = settings(&proxy);
    let mut source = bed.supervised(&settings, &context);
    let supervision = context.supervision.clone();
    source.set_on_chunk(Arc::new(move |at| {
        if at > 4 * MEBIBYTE {
            supervision.ask_to_stop();
        }
    }));
    let found = candidate(&mut source, "big");
    let error = fail(&mut source, &found);
    assert_eq!(error.class(), ErrorClass::Stopped, "{error}");
    assert!(context.supervision.bytes() > 4 * MEBIBYTE, "what came was counted");
    drop(source);
    assert_eq!(bed.spooled().len(), 1, "what came is kept");
    let (_, _, fetched) = take(&mut bed.source(&settings), "big");
    assert!(fetched == content(20 << 20), "the next run goes on with it");
}

#[test]
fn a_transfer_that_is_always_cut_is_given_up_and_taken_up_by_the_next_run() {
    let healthy = Arc::new(AtomicU64::new(0));
    let is_healthy = Arc::clone(&healthy);
    let Some((bed, proxy)) = behind(move |number| match (is_healthy.load(Ordering::SeqCst), number) {
        (0, 1) => Fate::Cut(16 * MEBIBYTE),
        (0, _) => Fate::Cut(20_000),
        _ => Fate::Whole,
    }) else {
        return;
    };
    let mut source = bed.source(&settings(&proxy));
    let found = candidate(&mut source, "big");
    let error = fail(&mut source, &found);
    assert_eq!(error.class(), ErrorClass::Transient, "{error}");
    assert!(error.to_string().contains("tried 3 times"), "{error}");
    drop(source);
    let [aside] = bed.spooled().try_into().unwrap();
    let kept = std::fs::metadata(bed.root().join("spool/calls").join(aside)).unwrap().len();
    assert!(kept > MEBIBYTE, "what came is kept: {kept}");

    healthy.store(1, Ordering::SeqCst);
    let before = proxy.passed();
    let mut next = bed.source(&settings(&proxy));
    let (found, unit, fetched) = take(&mut next, "big");
    assert!(fetched == content(20 << 20), "the next run goes on with it");
    let passed = proxy.passed() - before;
    assert!(passed < 21 * MEBIBYTE - kept, "and fetches the rest only: {passed}");
    next.release(&found, &unit, &Outcome::Finished).unwrap();
    assert_eq!(bed.spooled(), [""; 0]);
}

#[test]
fn a_part_that_was_set_aside_is_no_part_of_a_file_that_changed() {
    let Some((bed, proxy)) = behind(|number| if number == 1 { Fate::Cut(16 * MEBIBYTE) } else { Fate::Cut(20_000) })
    else {
        return;
    };
    let mut source = bed.source(&settings(&proxy));
    let found = candidate(&mut source, "big");
    fail(&mut source, &found);
    drop(source);
    assert_eq!(bed.spooled().len(), 1);
    let other: Vec<u8> = content(20 << 20).into_iter().rev().collect();
    let path = bed.put("big", &other);
    let later = std::time::SystemTime::now() + Duration::from_mins(1);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(later).unwrap();
    assert!(take(&mut bed.source(""), "big").2 == other, "it is fetched anew");
}

/// Everything that passes on nothing any more, at each stage: while greeting, logging in, listing, fetching.
#[test]
fn a_silent_connection_is_given_up() {
    let give_up = |after: u64| {
        let Some((bed, proxy)) = behind(move |_| Fate::Silent(after)) else { return };
        let port = proxy.port();
        let mut source = bed.source(&format!("port = {port}\ntimeout_seconds = 1\nconnect_timeout_seconds = 1"));
        source.set_patience(Patience { tries: 2, pause: Duration::ZERO });
        let error = match source.discover() {
            Err(error) => error,
            Ok(found) => fail(&mut source, &found[0]),
        };
        assert_eq!(error.class(), ErrorClass::Transient, "after {after} bytes: {error}");
    };
    std::thread::scope(|scope| {
        for after in [0, 500, 2_500, 3_500, MEBIBYTE] {
            scope.spawn(move || give_up(after));
        }
    });
}

/// A server asks for new keys after so many bytes; a transfer goes on over that.
#[test]
fn new_keys_in_the_middle_are_no_break() {
    let Some(server) = Sshd::start(&["ed25519"], "RekeyLimit 1M") else { return };
    let bed = Bed::over(server);
    bed.put("big", content(20 << 20));
    let mut source = bed.source("");
    source.set_patience(Patience { tries: 1, pause: Duration::ZERO });
    assert!(take(&mut source, "big").2 == content(20 << 20));
}

#[test]
fn a_server_that_is_down_is_a_transient_error() {
    let Some(bed) = Bed::new() else { return };
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let error = bed.source(&format!("port = {port}")).discover().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Transient, "{error}");
    assert!(error.to_string().contains("Connection refused"), "{error}");
    let error = bed.source("host = 'nowhere.invalid'").discover().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Transient, "{error}");
}

#[test]
fn connections_that_the_server_has_closed_are_replaced() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    let mut source = bed.source("after = 'delete'");
    let found = candidate(&mut source, "a");
    bed.server.end_sessions();
    let (unit, _) = claim(&mut source, &found);
    bed.server.end_sessions();
    source.release(&found, &unit, &Outcome::Finished).unwrap();
    assert_eq!(bed.names("in"), [""; 0]);
}

#[test]
fn signs_of_life_are_no_harm() {
    let Some((bed, proxy)) = behind(|_| Fate::Whole) else { return };
    let mut source = bed.source(&format!("port = {}\nconnections = 1", proxy.port()));
    for _ in 0..3 {
        candidate(&mut source, "big");
        let before = proxy.passed();
        source.pool().keep_alive(Duration::from_hours(1));
        assert_eq!(proxy.passed(), before, "a connection that was just used needs none");
        source.pool().keep_alive(Duration::ZERO);
    }
    assert!(take(&mut source, "big").2 == content(20 << 20), "what the server answers is no answer to what is asked");
    assert_eq!(proxy.connections(), 1, "and the connection is the same");
    bed.server.end_sessions();
    for _ in 0..2 {
        source.pool().keep_alive(Duration::ZERO);
        candidate(&mut source, "big");
    }
    assert_eq!(proxy.connections(), 2, "one that is dead is replaced");
}

#[test]
fn no_more_connections_are_opened_than_allowed() {
    let Some((bed, proxy)) = behind(|_| Fate::Whole) else { return };
    for at in 0..20 {
        bed.put(&format!("small_{at}"), at.to_string());
    }
    for (most, settings) in [(1, "connections = 1"), (3, "connections = 3")] {
        let before = proxy.connections();
        let mut source = bed.source(&format!("port = {}\n{settings}", proxy.port()));
        for found in source.discover().unwrap() {
            claim(&mut source, &found);
        }
        let opened = proxy.connections() - before;
        assert!((1..=most).contains(&opened), "{opened} of {most}");
    }
}

/// A source that is dropped in the middle of a transfer ends at once, though the server says nothing for an hour.
#[test]
fn a_source_can_be_dropped_while_it_fetches() {
    let Some((bed, proxy)) = behind(|number| if number == 0 { Fate::Whole } else { Fate::Silent(2 * MEBIBYTE) }) else {
        return;
    };
    bed.put("a", "abc");
    let mut source = bed.source(&format!("port = {}\ntimeout_seconds = 3600\nconnections = 2", proxy.port()));
    let (fetched, arrived) = std::sync::mpsc::channel();
    source.set_on_chunk(Arc::new(move |at| fetched.send(at).unwrap_or(())));
    assert_eq!(take(&mut source, "a").2, b"abc");
    while arrived.recv().unwrap() < MEBIBYTE {}
    drop(source);
    let aside = bed.spooled().iter().filter(|name| name.contains(".aside")).count();
    assert_eq!(aside, 1, "what came of the other file is kept for the next run");
}
