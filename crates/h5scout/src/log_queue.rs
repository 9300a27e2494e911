//! Log lines on their way to stderr. Requests hand them over and never wait.
//!
//! A line that is written where it arises costs its request a system call under stderr's lock, and
//! holds up the server when whoever reads stderr does not keep up. So lines pass through a queue to
//! a thread that writes what has gathered at once. The queue is bounded in bytes; lines that find
//! it full are lost, and the log says how many.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Some ten thousand lines: a second of a busy server.
const QUEUED_BYTES_MAX: usize = 4 << 20;

/// How long lines gather. Waking the thread for each line would cost more than to write it.
const GATHERING: Duration = Duration::from_millis(5);

/// How long the last lines may take when the process ends.
const FLUSHING_MAX: Duration = Duration::from_secs(1);

/// The entrance of the queue. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct LogQueue {
    entrance: Sender<Message>,
    state: Arc<State>,
}

/// Waits, when it is dropped, until all lines before are written.
#[derive(Debug)]
pub(crate) struct FlushAtEnd(LogQueue);

#[derive(Debug, Default)]
struct State {
    queued_bytes: AtomicUsize,
    lost_lines: AtomicU64,
}

enum Message {
    Line(Vec<u8>),
    /// To be answered when all lines before are written.
    Flush(Sender<()>),
}

impl LogQueue {
    /// Starts the thread that writes to `output`. It calls `say_lost` with the number of lines that
    /// were lost, when there is room again.
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub(crate) fn start(
        output: impl Write + Send + 'static,
        say_lost: impl Fn(u64) + Send + 'static,
    ) -> io::Result<(Self, FlushAtEnd)> {
        let (entrance, exit) = channel();
        let queue = Self { entrance, state: Arc::default() };
        let state = queue.state.clone();
        let writing = move || write_out(&exit, &state, output, say_lost);
        thread::Builder::new().name("log".to_owned()).spawn(writing)?;
        Ok((queue.clone(), FlushAtEnd(queue)))
    }

    fn put(&self, line: &[u8]) {
        let queued_bytes = self.state.queued_bytes.fetch_add(line.len(), Relaxed);
        let has_room = queued_bytes.saturating_add(line.len()) <= QUEUED_BYTES_MAX;
        if !has_room || self.entrance.send(Message::Line(line.to_owned())).is_err() {
            self.state.queued_bytes.fetch_sub(line.len(), Relaxed);
            self.state.lost_lines.fetch_add(1, Relaxed);
        }
    }
}

/// tracing-subscriber writes each line as a whole.
impl Write for LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Drop for FlushAtEnd {
    fn drop(&mut self) {
        let (done, flushed) = channel();
        if self.0.entrance.send(Message::Flush(done)).is_ok() {
            // Late or not: the process ends.
            let _ = flushed.recv_timeout(FLUSHING_MAX);
        }
    }
}

/// The thread: waits for a line, lets others gather, writes them all.
fn write_out(
    exit: &Receiver<Message>,
    state: &State,
    mut output: impl Write,
    say_lost: impl Fn(u64),
) {
    let mut lines = Vec::new();
    while let Ok(first) = exit.recv() {
        if matches!(first, Message::Line(_)) {
            thread::sleep(GATHERING);
        }
        let mut flushes = Vec::new();
        for message in std::iter::once(first).chain(exit.try_iter()) {
            match message {
                Message::Line(line) => lines.extend(line),
                Message::Flush(done) => flushes.push(done),
            }
            if lines.len() >= QUEUED_BYTES_MAX {
                break;
            }
        }
        // There is no other place to say that stderr cannot be written to.
        let _ = output.write_all(&lines).and_then(|()| output.flush());
        state.queued_bytes.fetch_sub(lines.len(), Relaxed);
        lines.clear();
        for done in flushes {
            // Whoever waited may have given up.
            let _ = done.send(());
        }
        match state.lost_lines.swap(0, Relaxed) {
            0 => {}
            lost => say_lost(lost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Output;

    #[test]
    fn lines_are_written_in_their_order_and_all_of_them_at_the_end() {
        let output = Output::default();
        let (mut queue, flush) = LogQueue::start(output.clone(), |_| ()).unwrap();
        let lines: Vec<String> = (0..1000).map(|number| format!("line {number}\n")).collect();
        for line in &lines {
            queue.write_all(line.as_bytes()).unwrap();
        }
        drop(flush);
        assert_eq!(output.text(), lines.concat());
        assert_eq!(queue.state.queued_bytes.load(Relaxed), 0);
    }

    #[test]
    fn nobody_waits_for_an_output_that_hangs_and_what_is_lost_is_said() {
        let output = Output::default();
        let hanging = output.hold();
        let (lost, said) = channel();
        let say_lost = move |count| lost.send(count).unwrap();
        let (mut queue, flush) = LogQueue::start(output.clone(), say_lost).unwrap();
        let line = vec![b'x'; QUEUED_BYTES_MAX / 4];
        for _ in 0..10 {
            queue.write_all(&line).unwrap();
        }
        assert_eq!(queue.state.queued_bytes.load(Relaxed), QUEUED_BYTES_MAX);
        drop(hanging);
        assert_eq!(said.recv().unwrap(), 6);
        drop(flush);
        assert_eq!(output.hold().len(), QUEUED_BYTES_MAX);
    }
}
