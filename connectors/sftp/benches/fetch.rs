//! How fast a file comes from an SFTP server, next to the `sftp` command, over the same private server, in one run.
//!
//! ```sh
//! cargo bench -p campaignd-sftp --bench fetch                 # 512 MiB, 3 alternating rounds
//! cargo bench -p campaignd-sftp --bench fetch -- 1024 5       # MiB and rounds
//! ```
//!
//! Ours is a claim: the transfer, SHA-256 over it, the copy on disk made durable, and another look at the file. The
//! command's is `get` alone, into the page cache; what a script would do to be as safe, `sha256sum` and `sync`, is shown
//! beside it. The second table is through a line that takes 20 ms each way.

#![allow(clippy::unwrap_used, reason = "a benchmark that can't be set up has nobody to tell")]

#[path = "../src/tests/sshd.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod sshd;

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use campaignd_contract::{BuildContext, Claim, Source, Supervision};
use campaignd_sftp::{SftpSettings, SftpSource};
use sshd::Sshd;

fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let mebibytes = numbers.first().copied().unwrap_or(512);
    let rounds = numbers.get(1).copied().unwrap_or(3);
    let Some(server) = Sshd::start(&["ed25519"], "") else { return };
    let far = far_away(server.port(), Duration::from_millis(20));
    let root = server.root();
    fs::create_dir(root.join("in")).unwrap();
    let known = [server.port(), far].map(|port| server.known_host("ed25519", port)).concat();
    fs::write(root.join("known_hosts"), known).unwrap();
    write_content(&root.join("in/file"), mebibytes);

    compare("over loopback", &server, server.port(), mebibytes, rounds);
    compare("over a line of 20 ms each way", &server, far, mebibytes, rounds);
}

fn compare(line: &str, server: &Sshd, port: u16, mebibytes: u32, rounds: u32) {
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..rounds {
        times[0].push(ours(server, port));
        let (fetched, safe) = command(server, port);
        times[1].push(fetched);
        times[2].push(safe);
    }
    let [ours, fetched, safe] = times.map(median);
    println!("\n{mebibytes} MiB {line}, {rounds} alternating rounds, medians");
    for (what, time) in [
        ("claim: fetched, hashed, on disk, looked at again", ours),
        ("sftp get", fetched),
        ("sftp get, then sha256sum and sync", safe),
    ] {
        println!("{what:<50}{:7.2} s {:6.0} MiB/s", time.as_secs_f64(), f64::from(mebibytes) / time.as_secs_f64());
    }
    let ratio = |of: Duration| of.as_secs_f64() / ours.as_secs_f64();
    println!("speed against sftp get: {:.2}; with sha256sum and sync: {:.2}", ratio(fetched), ratio(safe));
}

/// Bytes that don't compress and don't repeat, from a fixed start.
fn write_content(path: &Path, mebibytes: u32) {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut content = Vec::new();
    for _ in 0..mebibytes << 17 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend_from_slice(&state.to_le_bytes());
    }
    fs::write(path, content).unwrap();
}

fn ours(server: &Sshd, port: u16) -> Duration {
    let root = server.root();
    let settings = format!(
        "host = '127.0.0.1'\nport = {}\nuser = '{}'\nprivate_key = {{ file = 'client' }}\n\
         known_hosts = 'known_hosts'\npath = '{}/in/*'\nready = 'unchanged'\nunchanged_seconds = 0",
        port,
        sshd::user(),
        root.display(),
    );
    let settings: SftpSettings = toml::from_str(&settings).unwrap();
    let context = BuildContext {
        pipeline: "bench".into(),
        base_directory: root.to_owned(),
        spool_directory: root.join("spool"),
        supervision: Supervision::default(),
    };
    let started = Instant::now();
    let mut source = SftpSource::new(&settings, &context).unwrap();
    let found = source.discover().unwrap();
    let Claim::Taken { .. } = source.claim(&found[0]).unwrap() else { panic!("the file is taken") };
    let took = started.elapsed();
    drop(source);
    fs::remove_dir_all(root.join("spool")).unwrap();
    took
}

/// How long the command takes, and how long with a hash and the copy made durable.
fn command(server: &Sshd, port: u16) -> (Duration, Duration) {
    let root = server.root();
    let copy = root.join("copy");
    let started = Instant::now();
    let mut child = Command::new("sftp")
        .args(["-q", "-b", "-", "-P", &port.to_string(), "-F", "none", "-o", "IdentitiesOnly=yes"])
        .arg("-i")
        .arg(root.join("client"))
        .args(["-o", &format!("UserKnownHostsFile={}", root.join("known_hosts").display())])
        .arg(format!("{}@127.0.0.1", sshd::user()))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let batch = format!("get {} {}\n", root.join("in/file").display(), copy.display());
    child.stdin.take().unwrap().write_all(batch.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "sftp fetches the file");
    let fetched = started.elapsed();
    for program in ["sha256sum", "sync"] {
        let done = Command::new(program).arg(&copy).stdout(Stdio::null()).status().unwrap();
        assert!(done.success(), "{program} runs");
    }
    let safe = started.elapsed();
    fs::remove_file(copy).unwrap();
    (fetched, safe)
}

/// A port that leads to another one by a line that takes so long each way. How much is on the line isn't bounded.
fn far_away(to: u16, delay: Duration) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for near in listener.incoming() {
            let near = near.unwrap();
            let far = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).unwrap();
            for socket in [&near, &far] {
                socket.set_nodelay(true).unwrap();
            }
            delayed(near.try_clone().unwrap(), far.try_clone().unwrap(), delay);
            delayed(far, near, delay);
        }
    });
    port
}

fn delayed(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, line) = std::sync::mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 18];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if sender.send((Instant::now() + delay, buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        for (due, bytes) in line {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
