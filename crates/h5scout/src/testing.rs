//! What tests write to, and an environment for them.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// An environment in which these `variables` are set.
pub(crate) fn set<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| {
        let found = variables.iter().find(|(set, _)| *set == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

/// Keeps what is written. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// What was written. Until it is let go, whoever writes hangs.
    pub(crate) fn hold(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.hold().clone()).unwrap()
    }
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hold().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
