//! The threads that do what would freeze the screen.

use std::cell::Cell;
use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::Boxed;
use crate::host::panics::quietly;
use crate::service::{Door, DoorError, Request};
use crate::tui::app::Msg;
use crate::tui::layer::{DoorAnswer, LayerId};

/// Progress is told no more often than this.
const PROGRESS_EVERY: Duration = Duration::from_millis(60);

/// The thread that stands at the door. Requests are carried out one after the other. Dropping it
/// waits until the one in hand is done and the door has closed the vault.
pub(super) struct Worker {
    requests: Option<Sender<(LayerId, Request)>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts it; answers and progress go to `answers`.
    pub(super) fn start(mut door: Box<dyn Door>, answers: Sender<Boxed>) -> io::Result<Self> {
        let (sender, requests) = mpsc::channel::<(LayerId, Request)>();
        let work = move || {
            for (layer, request) in requests {
                let answer = ask(&mut *door, layer, request, &answers);
                if answers.send(Box::new(Msg::Answer(layer, answer))).is_err() {
                    return;
                }
            }
        };
        let thread = Builder::new().name("door".to_owned()).spawn(work)?;
        Ok(Self { requests: Some(sender), thread: Some(thread) })
    }

    pub(super) fn ask(&self, layer: LayerId, request: Request) {
        // A door whose thread has ended is a bug in it; the screen goes on without an answer.
        if let Some(requests) = &self.requests {
            let _ = requests.send((layer, request));
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.requests = None;
        // A door that panicked is past closing anything.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// One request at the door. A panic behind it is a bug, but no reason for a screen that waits for ever.
fn ask(door: &mut dyn Door, layer: LayerId, request: Request, told: &Sender<Boxed>) -> DoorAnswer {
    let last = Cell::new(None::<Instant>);
    let progress = |progress| {
        if last.get().is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
            last.set(Some(Instant::now()));
            let _ = told.send(Box::new(Msg::Progress(layer, progress)));
        }
    };
    let bug = "strongroom has a bug and could not do it; nothing stored is lost. Quit and start it again";
    quietly(|| door.call(request, &progress)).unwrap_or_else(|_| Err(DoorError::System(bug.to_owned())))
}

/// Does `work` on a thread of its own and sends what comes of it.
pub(super) fn aside(sender: &Sender<Boxed>, work: impl FnOnce() -> Msg + Send + 'static) {
    let sender = sender.clone();
    // Without a thread to give, the system is past helping a form with a file.
    let _ = Builder::new().name("file".to_owned()).spawn(move || drop(sender.send(Box::new(work()))));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Progress, Response};

    struct Broken;

    impl Door for Broken {
        fn call(&mut self, _: Request, _: &dyn Fn(Progress)) -> Result<Response, DoorError> {
            panic!("secret text that nobody may see")
        }
    }

    #[test]
    fn a_panic_behind_the_door_is_an_answer_without_its_text() {
        let (sender, inbox) = mpsc::channel();
        let worker = Worker::start(Box::new(Broken), sender).unwrap();
        worker.ask(LayerId(7), Request::List);
        let Ok(Msg::Answer(LayerId(7), Err(error))) = inbox.recv().map(|boxed| *boxed) else { panic!("no answer") };
        assert!(error.to_string().contains("a bug") && !error.to_string().contains("secret"));
    }
}
