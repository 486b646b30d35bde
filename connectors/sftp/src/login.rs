//! Logging in. Secrets are read when they are needed, so that a new one counts from the next connection on.

use std::path::Path;

use campaignd_contract::{Error, ErrorClass, Result, Secret, SecretReference};
use secrecy::ExposeSecret as _;
use ssh2::{KeyboardInteractivePrompt, Prompt, Session};

use crate::failure::is_of_the_connection;

/// How to log in.
#[derive(Debug, Clone)]
pub(crate) enum Login {
    /// With a password.
    Password(SecretReference),
    /// With a private key.
    Key { private_key: SecretReference, passphrase: Option<SecretReference> },
    /// With the keys of the ssh agent.
    Agent,
}

/// Who logs in to what.
pub(crate) struct Attempt<'a> {
    pub(crate) session: &'a Session,
    pub(crate) user: &'a str,
    /// The server, for messages.
    pub(crate) address: &'a str,
    /// Where relative paths of secrets start.
    pub(crate) base: &'a Path,
}

impl Attempt<'_> {
    /// Logs in, or says why that doesn't go.
    pub(crate) fn log_in(&self, login: &Login) -> Result<()> {
        let offered = match self.session.auth_methods(self.user) {
            // The server asks for nothing.
            Err(_) if self.session.authenticated() => return Ok(()),
            offered => offered.map_err(|error| self.failed(&error, "see the server's log"))?.to_owned(),
        };
        let offers = |method: &str| offered.split(',').any(|offer| offer == method);
        let done = match login {
            Login::Password(password) if offers("password") => {
                let password = self.secret(password)?;
                self.session.userauth_password(self.user, self.text(&password, "password")?)
            }
            Login::Password(password) if offers("keyboard-interactive") => {
                let password = self.secret(password)?;
                let mut answers = Answers { password: self.text(&password, "password")? };
                self.session.userauth_keyboard_interactive(self.user, &mut answers)
            }
            Login::Key { private_key, passphrase } if offers("publickey") => {
                let key = self.secret(private_key)?;
                let passphrase = passphrase.as_ref().map(|passphrase| self.secret(passphrase)).transpose()?;
                let passphrase = passphrase.as_ref().map(|secret| self.text(secret, "passphrase")).transpose()?;
                self.session.userauth_pubkey_memory(self.user, None, self.text(&key, "private key")?, passphrase)
            }
            Login::Agent if offers("publickey") => return self.with_agent(),
            _ => {
                return Err(self
                    .refused(format!("the server doesn't take this way to log in; it takes: {offered}"))
                    .next("give what it takes: `password`, or `private_key` or `agent` for publickey"));
            }
        };
        done.map_err(|error| self.failed(&error, next(login)))
    }

    /// Tries the agent's keys one after the other, as ssh does.
    fn with_agent(&self) -> Result<()> {
        const NEXT: &str = "see that SSH_AUTH_SOCK names the agent's socket where the daemon is started, and that \
                            `ssh-add -l` lists the key";
        let failed =
            |error: &ssh2::Error| self.refused(format!("the ssh agent can't be asked: {}", error.message())).next(NEXT);
        let mut agent = self.session.agent().map_err(|error| failed(&error))?;
        agent.connect().map_err(|error| failed(&error))?;
        agent.list_identities().map_err(|error| failed(&error))?;
        let keys = agent.identities().map_err(|error| failed(&error))?;
        for key in &keys {
            match agent.userauth(self.user, key) {
                Ok(()) => return Ok(()),
                Err(error) if is_of_the_connection(&error) => return Err(self.failed(&error, NEXT)),
                Err(_) => {}
            }
        }
        Err(self.refused(format!("the server took none of the agent's {} keys", keys.len())).next(NEXT))
    }

    fn secret(&self, reference: &SecretReference) -> Result<Secret> {
        // It says itself what to do.
        reference.read(self.base).map_err(|error| self.refused(error.to_string()))
    }

    fn text<'s>(&self, secret: &'s Secret, what: &str) -> Result<&'s str> {
        std::str::from_utf8(secret.expose_secret()).map_err(|_| {
            self.refused(format!("the {what} is not UTF-8 text")).next("put the right one where the settings say")
        })
    }

    /// libssh2's words hold the method and the reason, never the secret.
    fn failed(&self, error: &ssh2::Error, next: &str) -> Error {
        if is_of_the_connection(error) {
            let class = ErrorClass::Transient;
            return Error::new(class, "log in to", self.subject(), error.message()).next("run again");
        }
        self.refused(error.message().to_owned()).next(next)
    }

    fn refused(&self, wrong: String) -> Error {
        Error::permanent("log in to", self.subject(), wrong)
    }

    fn subject(&self) -> String {
        format!("{} as {}", self.address, self.user)
    }
}

/// What to do where the server refuses a way to log in.
fn next(login: &Login) -> &'static str {
    match login {
        Login::Password(_) => "correct `user` or the password; nothing is tried again by itself",
        Login::Key { .. } => {
            "see that the key is a private key that `ssh-keygen -y` can read with this passphrase, and that the \
             server has its public half for this user"
        }
        Login::Agent => "see that the agent has a key that the server takes",
    }
}

/// Answers what a server asks without showing it, which is the password; other questions get no answer.
struct Answers<'p> {
    password: &'p str,
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt(&mut self, _user: &str, _instructions: &str, prompts: &[Prompt<'_>]) -> Vec<String> {
        prompts.iter().map(|prompt| if prompt.echo { String::new() } else { self.password.to_owned() }).collect()
    }
}
