//! Ways to log in, and what is said where one doesn't work. No secret shows up in any of it.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use campaignd_contract::{ErrorClass, Source};
use insta::assert_snapshot;

use super::bed::{Bed, take};
use super::sshd::{Sshd, keygen};

const CANARY: &str = "canary-9f3b1c";

/// Puts a secret where a reference can name it.
fn secret(bed: &Bed, name: &str, content: &str) {
    let path = bed.root().join(name);
    fs::write(&path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// What a source says that can't log in. Neither that nor its settings show a secret.
fn refusal(bed: &Bed, settings: &str) -> String {
    let shown = format!("{:?}", bed.settings(settings));
    let error = bed.source(settings).discover().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permanent, "{error}");
    let words = bed.words(&error);
    for text in [&words, &format!("{error:?}"), &shown] {
        assert!(!text.contains(CANARY) && !text.contains("PRIVATE KEY"), "{text}");
    }
    words
}

#[test]
fn with_a_key_that_has_a_passphrase() {
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    for key_type in ["ed25519", "ecdsa", "rsa"] {
        let key = bed.root().join(format!("key_{key_type}"));
        keygen(&key, key_type, CANARY);
        fs::copy(key.with_extension("pub"), bed.root().join("authorized_keys")).unwrap();
        secret(&bed, "passphrase", CANARY);
        let settings = format!("private_key = {{ file = 'key_{key_type}' }}\npassphrase = {{ file = 'passphrase' }}");
        assert_eq!(take(&mut bed.source(&settings), "a").2, b"abc", "{key_type}");
    }
    secret(&bed, "passphrase", &format!("{CANARY} and more"));
    assert_snapshot!(refusal(&bed, "private_key = { file = 'key_ed25519' }\npassphrase = { file = 'passphrase' }"), @"could not log in to 127.0.0.1 port PORT as USER: Unable to extract public key from private key: Unsupported private key format; see that the key is a private key that `ssh-keygen -y` can read with this passphrase, and that the server has its public half for this user");
    assert_snapshot!(refusal(&bed, "private_key = { file = 'key_ed25519' }"), @"could not log in to 127.0.0.1 port PORT as USER: Unable to extract public key from private key: Unsupported private key format; see that the key is a private key that `ssh-keygen -y` can read with this passphrase, and that the server has its public half for this user");
}

#[test]
fn what_is_wrong_with_a_key_is_said() {
    let Some(bed) = Bed::new() else { return };
    keygen(&bed.root().join("other"), "ed25519", "");
    assert_snapshot!(refusal(&bed, "private_key = { file = 'other' }"), @"could not log in to 127.0.0.1 port PORT as USER: Username/PublicKey combination invalid; see that the key is a private key that `ssh-keygen -y` can read with this passphrase, and that the server has its public half for this user");
    secret(&bed, "nonsense", CANARY);
    assert_snapshot!(refusal(&bed, "private_key = { file = 'nonsense' }"), @"could not log in to 127.0.0.1 port PORT as USER: Unable to extract public key from private key: Unsupported private key format; see that the key is a private key that `ssh-keygen -y` can read with this passphrase, and that the server has its public half for this user");
    assert_snapshot!(refusal(&bed, "private_key = { file = 'nowhere' }"), @"could not log in to 127.0.0.1 port PORT as USER: could not read the secret in ROOT/nowhere: No such file or directory (os error 2); see that the daemon's user may read it");
    fs::set_permissions(bed.root().join("other"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_snapshot!(refusal(&bed, "private_key = { file = 'other' }"), @"could not log in to 127.0.0.1 port PORT as USER: could not trust the secret in ROOT/other: everybody may read it (mode 644); chmod o-rwx ROOT/other");
    assert_snapshot!(refusal(&bed, "password = { file = 'nonsense' }"), @"could not log in to 127.0.0.1 port PORT as USER: the server doesn't take this way to log in; it takes: publickey; give what it takes: `password`, or `private_key` or `agent` for publickey");
}

/// A server whose passwords are those of a file of its own, which lies over the machine's in its mount namespace. The
/// machine's users stay as they are. `None`, with a word, where that can't be done.
fn with_passwords(config: &str) -> Option<Bed> {
    let private = |root: &Path, sshd: &Path| {
        let mut command = Command::new("unshare");
        let script = "mount --bind \"$0/shadow\" /etc/shadow && exec \"$@\"";
        command.args(["--mount", "--propagation", "private", "sh", "-c", script]).arg(root).arg(sshd);
        command
    };
    let server = Sshd::start_by(&["ed25519"], config, private)?;
    let hash = Command::new("openssl").args(["passwd", "-6", CANARY]).output().ok().filter(|o| o.status.success());
    let (Some(hash), Ok(shadow)) = (hash, fs::read_to_string("/etc/shadow")) else {
        eprintln!("skipped: passwords can only be tested by root, and with the openssl command");
        return None;
    };
    let hash = String::from_utf8(hash.stdout).unwrap();
    let others = shadow.lines().filter(|line| !line.starts_with("root:")).collect::<Vec<_>>().join("\n");
    fs::write(server.root().join("shadow"), format!("root:{}:19000::::::\n{others}\n", hash.trim())).unwrap();
    let mut probe = private(server.root(), Path::new("true"));
    if !probe.stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: passwords can only be tested where mount namespaces can be made");
        return None;
    }
    Some(Bed::over(server))
}

#[test]
fn with_a_password() {
    let Some(bed) = with_passwords("PasswordAuthentication yes") else { return };
    bed.put("a", "abc");
    secret(&bed, "password", &format!("{CANARY}\n"));
    let settings = "password = { file = 'password' }";
    assert_eq!(take(&mut bed.source(settings), "a").2, b"abc");
    secret(&bed, "password", &format!("{CANARY}, but wrong"));
    assert_snapshot!(refusal(&bed, settings), @"could not log in to 127.0.0.1 port PORT as USER: Authentication failed (username/password); correct `user` or the password; nothing is tried again by itself");
}

#[test]
fn with_a_password_that_is_asked_for_by_a_prompt() {
    let config = "UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no";
    let Some(bed) = with_passwords(config) else { return };
    bed.put("a", "abc");
    secret(&bed, "password", CANARY);
    let settings = "password = { file = 'password' }";
    assert_eq!(take(&mut bed.source(settings), "a").2, b"abc");
    secret(&bed, "password", &format!("{CANARY}, but wrong"));
    assert_snapshot!(refusal(&bed, settings), @"could not log in to 127.0.0.1 port PORT as USER: Authentication failed (keyboard-interactive); correct `user` or the password; nothing is tried again by itself");
}

/// Set where the test runs again in a process of its own, whose environment names the agent.
const CHILD: &str = "CAMPAIGND_SFTP_TEST_AGENT";

struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn with_an_agent() {
    const NAME: &str = "tests::login::with_an_agent";
    let Some(bed) = Bed::new() else { return };
    bed.put("a", "abc");
    if let Some(key) = env::var_os(CHILD) {
        // The first of the agent's keys is not the server's.
        fs::copy(key, bed.root().join("authorized_keys")).unwrap();
        assert_eq!(take(&mut bed.source("agent = true"), "a").2, b"abc");
        fs::write(bed.root().join("authorized_keys"), "").unwrap();
        assert_snapshot!(refusal(&bed, "agent = true"), @"could not log in to 127.0.0.1 port PORT as USER: the server took none of the agent's 2 keys; see that SSH_AUTH_SOCK names the agent's socket where the daemon is started, and that `ssh-add -l` lists the key");
        return;
    }
    let socket = bed.root().join("agent");
    let agent = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::piped()).spawn().unwrap();
    let mut agent = Agent(agent);
    // It says where its socket is once that is there.
    let mut first = [0; 1];
    std::io::Read::read_exact(agent.0.stdout.as_mut().unwrap(), &mut first).unwrap();
    for key in ["first", "second"] {
        keygen(&bed.root().join(key), "ed25519", "");
        let mut add = Command::new("ssh-add");
        let added = add.arg("-q").arg(bed.root().join(key)).env("SSH_AUTH_SOCK", &socket).status().unwrap();
        assert!(added.success());
    }
    let again = Command::new(env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env("SSH_AUTH_SOCK", &socket)
        .env(CHILD, bed.root().join("second.pub"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout).into_owned() + &String::from_utf8_lossy(&again.stderr);
    assert!(again.status.success() && said.contains("1 passed"), "{said}");
}
