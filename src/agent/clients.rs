//! Who is connected.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::Timestamp;
use crate::host::process::{terminal_of, user_name};
use crate::host::socket::Peer;
use crate::host::sync::hold;
use crate::service::Client;

/// Most connections at once.
const MOST: usize = 256;

/// Who came, and when. What else there is to tell is looked up for whoever asks.
#[derive(Clone, Copy)]
struct Connection {
    peer: Peer,
    since: Timestamp,
}

impl From<Connection> for Client {
    fn from(Connection { peer, since }: Connection) -> Self {
        Self { pid: peer.pid, terminal: terminal_of(peer.pid), user: user_name(peer.uid), since }
    }
}

/// All connections, by number.
#[derive(Default)]
pub(super) struct Clients {
    next: AtomicU64,
    connected: Mutex<BTreeMap<u64, Connection>>,
}

impl Clients {
    /// Takes in a connection from `peer` at `now` and gives its number; `None` when there are too many.
    pub(super) fn enter(&self, peer: Peer, now: Timestamp) -> Option<u64> {
        let mut connected = hold(&self.connected);
        if connected.len() >= MOST {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        connected.insert(number, Connection { peer, since: now });
        Some(number)
    }

    /// The connection is gone.
    pub(super) fn leave(&self, number: u64) {
        hold(&self.connected).remove(&number);
    }

    /// How many connections there are.
    pub(super) fn count(&self) -> usize {
        hold(&self.connected).len()
    }

    /// Everybody, each process that can be seen once, in the order of their coming.
    pub(super) fn list(&self) -> Vec<Client> {
        let mut listed: Vec<Connection> = Vec::new();
        for connection in hold(&self.connected).values() {
            let pid = connection.peer.pid;
            if pid == 0 || !listed.iter().any(|other| other.peer.pid == pid) {
                listed.push(*connection);
            }
        }
        listed.into_iter().map(Client::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_two_lines_is_one_client() {
        let clients = Clients::default();
        let (one, other) = (Peer { pid: 7, uid: 0 }, Peer { pid: 8, uid: 0 });
        let first = clients.enter(one, Timestamp(1)).unwrap();
        clients.enter(one, Timestamp(2)).unwrap();
        clients.enter(other, Timestamp(3)).unwrap();
        let seen = |clients: &Clients| clients.list().iter().map(|c| (c.pid, c.since.0)).collect::<Vec<_>>();
        assert_eq!(seen(&clients), [(7, 1), (8, 3)]);
        clients.leave(first);
        assert_eq!((seen(&clients), clients.count()), (vec![(7, 2), (8, 3)], 2));
    }

    #[test]
    fn there_is_an_end_to_it() {
        let clients = Clients::default();
        let entered = (0..300).filter(|_| clients.enter(Peer { pid: 1, uid: 0 }, Timestamp(0)).is_some());
        assert_eq!(entered.count(), MOST);
    }
}
