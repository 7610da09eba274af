//! What happens to the vault, told to everybody who listens.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::host::sync::hold;
use crate::service::News;

/// News that wait for one listener; one that is slower is told to list anew.
const MOST_WAITING: usize = 64;

/// The boxes of all listeners.
#[derive(Default)]
pub(super) struct Newsroom(Mutex<Vec<(u32, Arc<Mailbox>)>>);

impl Newsroom {
    /// A box for a new listener, who is the user `uid`.
    pub(super) fn subscribe(&self, uid: u32) -> Arc<Mailbox> {
        let mailbox = Arc::new(Mailbox::default());
        hold(&self.0).push((uid, mailbox.clone()));
        mailbox
    }

    /// Nobody reads `mailbox` any more.
    pub(super) fn unsubscribe(&self, mailbox: &Arc<Mailbox>) {
        mailbox.close();
        hold(&self.0).retain(|(_, other)| !Arc::ptr_eq(other, mailbox));
    }

    /// Tells everybody. Never waits for anybody.
    pub(super) fn tell(&self, news: &News) {
        hold(&self.0).iter().for_each(|(_, mailbox)| mailbox.put(news.clone()));
    }

    /// Tells each what is for their user.
    pub(super) fn tell_each(&self, news_for: impl Fn(u32) -> Vec<News>) {
        hold(&self.0).iter().for_each(|(uid, mailbox)| news_for(*uid).into_iter().for_each(|news| mailbox.put(news)));
    }
}

/// News for one listener.
#[derive(Default)]
pub(super) struct Mailbox {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    news: VecDeque<News>,
    closed: bool,
}

impl Mailbox {
    /// The next news, as soon as there is some; `None` once it is closed.
    pub(super) fn take(&self) -> Option<News> {
        let waiting = hold(&self.waiting);
        let nothing = |waiting: &mut Waiting| waiting.news.is_empty() && !waiting.closed;
        let mut waiting = self.arrived.wait_while(waiting, nothing).unwrap_or_else(PoisonError::into_inner);
        if waiting.closed { None } else { waiting.news.pop_front() }
    }

    fn put(&self, news: News) {
        let mut waiting = hold(&self.waiting);
        // What was told of secrets goes with the keys, and after an unlocking everything is listed anew.
        if matches!(news, News::Locked | News::Unlocked(_)) {
            waiting.news.clear();
        } else if waiting.news.len() >= MOST_WAITING {
            waiting.news.retain(|news| matches!(news, News::Locked | News::Unlocked(_)));
            waiting.news.push_back(News::ListAnew);
        }
        waiting.news.push_back(news);
        self.arrived.notify_one();
    }

    fn close(&self) {
        let mut waiting = hold(&self.waiting);
        waiting.closed = true;
        waiting.news.clear();
        self.arrived.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_listener_is_told_to_list_anew_and_costs_no_memory() {
        let room = Newsroom::default();
        let mailbox = room.subscribe(0);
        (0..10 * MOST_WAITING).for_each(|_| room.tell(&News::Changed(Vec::new())));
        assert!(hold(&mailbox.waiting).news.len() <= MOST_WAITING + 1);
        assert_eq!(mailbox.take(), Some(News::ListAnew));
    }

    #[test]
    fn nothing_of_secrets_waits_once_the_vault_is_locked() {
        let room = Newsroom::default();
        let mailbox = room.subscribe(0);
        room.tell(&News::Changed(Vec::new()));
        room.tell(&News::Locked);
        assert_eq!(mailbox.take(), Some(News::Locked));
        assert!(hold(&mailbox.waiting).news.is_empty());
    }

    #[test]
    fn a_closed_box_wakes_its_reader() {
        let room = Newsroom::default();
        let mailbox = room.subscribe(0);
        let reader = std::thread::spawn({
            let mailbox = mailbox.clone();
            move || mailbox.take()
        });
        room.unsubscribe(&mailbox);
        assert_eq!(reader.join().unwrap(), None);
        assert!(hold(&room.0).is_empty());
    }
}
