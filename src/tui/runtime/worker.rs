//! The threads that do what would freeze the screen.

use std::cell::Cell;
use std::io;
use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::Boxed;
use crate::host::panics::quietly;
use crate::service::{Door, DoorError, Listener, Request, Response};
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
            let mut line = NewsLine::default();
            line.open(&mut *door, &answers);
            for (layer, request) in requests {
                let answer = ask(&mut *door, layer, request, &answers);
                let vault_is_there =
                    matches!(answer, Ok(Response::Unlocked { .. } | Response::Created { .. } | Response::Status(_)));
                if answers.send(Box::new(Msg::Answer(layer, answer))).is_err() {
                    return;
                }
                if vault_is_there {
                    line.open(&mut *door, &answers);
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

/// The thread that hears what others do: one at most, blocked until there is news. It ends with its line, or with the
/// program.
#[derive(Default)]
struct NewsLine(Option<JoinHandle<()>>);

impl NewsLine {
    /// Listens at the door, unless somebody does so already. Where there are no others, there is no thread.
    fn open(&mut self, door: &mut dyn Door, told: &Sender<Boxed>) {
        if self.0.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return;
        }
        // Without a line the screens work as ever, and notice what others did when they ask; the next answer tries again.
        let Ok(Ok(Some(listener))) = quietly(|| door.listen()) else { return };
        let told = told.clone();
        self.0 = Builder::new().name("news".to_owned()).spawn(move || hear(listener, &told)).ok();
    }
}

fn hear(mut listener: Box<dyn Listener>, told: &Sender<Boxed>) {
    while let Ok(news) = listener.next() {
        if told.send(Box::new(Msg::News(news))).is_err() {
            return;
        }
    }
    let _ = told.send(Box::new(Msg::LineLost));
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
    use std::sync::mpsc::Receiver;

    use super::*;
    use crate::service::{News, Progress, VaultStatus};

    /// Tells what is put into its channel, as long as the other end is there.
    struct Line(Receiver<News>);

    impl Listener for Line {
        fn next(&mut self) -> Result<News, DoorError> {
            self.0.recv().map_err(|_| DoorError::System("the line is gone".to_owned()))
        }
    }

    /// A door with lines to give, and a count of those that were asked for.
    struct Wired {
        lines: Vec<Receiver<News>>,
        given: Sender<usize>,
    }

    impl Door for Wired {
        fn call(&mut self, _: Request, _: &dyn Fn(Progress)) -> Result<Response, DoorError> {
            Ok(Response::Status(VaultStatus::Locked))
        }

        fn listen(&mut self) -> Result<Option<Box<dyn Listener>>, DoorError> {
            self.given.send(self.lines.len()).expect("the test waits");
            Ok(self.lines.pop().map(|line| Box::new(Line(line)) as Box<dyn Listener>))
        }
    }

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

    fn next(inbox: &mpsc::Receiver<Boxed>) -> Msg {
        *inbox.recv().unwrap()
    }

    #[test]
    fn one_line_at_a_time_is_heard_and_its_end_is_told() {
        let ((second, later), (first, now)) = (mpsc::channel(), mpsc::channel());
        let (given, asked) = mpsc::channel();
        let (sender, inbox) = mpsc::channel();
        let worker = Worker::start(Box::new(Wired { lines: vec![later, now], given }), sender).unwrap();
        first.send(News::Locked).unwrap();
        assert!(matches!(next(&inbox), Msg::News(News::Locked)));
        worker.ask(LayerId(7), Request::Status);
        assert!(matches!(next(&inbox), Msg::Answer(..)));
        assert_eq!(asked.try_iter().collect::<Vec<_>>(), [2], "the line that is there will do");
        drop(first);
        assert!(matches!(next(&inbox), Msg::LineLost));
        // The thread may take a moment to be over after its last word.
        while asked.recv_timeout(Duration::from_millis(20)).is_err() {
            worker.ask(LayerId(7), Request::Status);
            assert!(matches!(next(&inbox), Msg::Answer(..)));
        }
        second.send(News::ListAnew).unwrap();
        assert!(inbox.iter().any(|msg| matches!(*msg, Msg::News(News::ListAnew))));
    }
}
