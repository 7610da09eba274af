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
/// The same of an agent that serves several users, and of each of them.
const MOST_OF_ALL: usize = 512;
const MOST_OF_ONE: usize = 48;
/// So many more of one user are told that there are too many; any others find their connection closed.
const MOST_TOLD: usize = 8;

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
pub(super) struct Clients {
    next: AtomicU64,
    connected: Mutex<BTreeMap<u64, Connection>>,
    /// Those of each user, whether they are taken in or not.
    at_the_door: Mutex<BTreeMap<u32, usize>>,
    /// Most at once, and of one user.
    most: (usize, usize),
}

/// A connection of a user, as long as it lasts.
pub(super) struct Knocked<'a>(&'a Clients, u32);

impl Drop for Knocked<'_> {
    fn drop(&mut self) {
        let mut at_the_door = hold(&self.0.at_the_door);
        let left = at_the_door.get_mut(&self.1).map_or(0, |count| {
            *count -= 1;
            *count
        });
        if left == 0 {
            at_the_door.remove(&self.1);
        }
    }
}

impl Clients {
    /// Nobody is connected yet. Of several users, none may keep the others out.
    pub(super) fn of(several_users: bool) -> Self {
        let most = if several_users { (MOST_OF_ALL, MOST_OF_ONE) } else { (MOST, MOST) };
        Self { next: AtomicU64::new(0), connected: Mutex::default(), at_the_door: Mutex::default(), most }
    }

    /// Counts a connection that has said nothing yet; `None` when its user has so many that it is not even answered.
    pub(super) fn knock(&self, peer: Peer) -> Option<Knocked<'_>> {
        let (all, of_one) = self.most;
        let mut at_the_door = hold(&self.at_the_door);
        let count = at_the_door.entry(peer.uid).or_default();
        if of_one < all && *count >= of_one + MOST_TOLD {
            return None;
        }
        *count += 1;
        drop(at_the_door);
        Some(Knocked(self, peer.uid))
    }

    /// Takes in a connection from `peer` at `now` and gives its number; `None` when there are too many.
    pub(super) fn enter(&self, peer: Peer, now: Timestamp) -> Option<u64> {
        let (all, of_one) = self.most;
        let mut connected = hold(&self.connected);
        let of_the_same = connected.values().filter(|other| other.peer.uid == peer.uid).count();
        if connected.len() >= all || of_the_same >= of_one {
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

    /// Everybody whose user `is_shown`, each process that can be seen once, in the order of their coming.
    pub(super) fn list(&self, is_shown: impl Fn(u32) -> bool) -> Vec<Client> {
        let mut listed: Vec<Connection> = Vec::new();
        for connection in hold(&self.connected).values().filter(|connection| is_shown(connection.peer.uid)) {
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
        let clients = Clients::of(false);
        let (one, other) = (Peer { pid: 7, uid: 0 }, Peer { pid: 8, uid: 0 });
        let first = clients.enter(one, Timestamp(1)).unwrap();
        clients.enter(one, Timestamp(2)).unwrap();
        clients.enter(other, Timestamp(3)).unwrap();
        let seen = |clients: &Clients| clients.list(|_| true).iter().map(|c| (c.pid, c.since.0)).collect::<Vec<_>>();
        assert_eq!(seen(&clients), [(7, 1), (8, 3)]);
        clients.leave(first);
        assert_eq!((seen(&clients), clients.count()), (vec![(7, 2), (8, 3)], 2));
    }

    #[test]
    fn there_is_an_end_to_it() {
        let clients = Clients::of(false);
        let entered = (0..300).filter(|_| clients.enter(Peer { pid: 1, uid: 0 }, Timestamp(0)).is_some());
        assert_eq!(entered.count(), MOST);
    }

    #[test]
    fn one_user_cannot_keep_the_others_out() {
        let clients = Clients::of(true);
        let enter = |uid| clients.enter(Peer { pid: 1, uid }, Timestamp(0));
        assert_eq!((0..300).filter_map(|_| enter(1001)).count(), MOST_OF_ONE);
        assert!(enter(1002).is_some() && enter(1001).is_none());
        let knocked: Vec<_> = (0..300).filter_map(|_| clients.knock(Peer { pid: 1, uid: 1001 })).collect();
        assert_eq!(knocked.len(), MOST_OF_ONE + MOST_TOLD);
        assert!(clients.knock(Peer { pid: 2, uid: 1002 }).is_some());
        drop(knocked);
        assert!(clients.knock(Peer { pid: 1, uid: 1001 }).is_some() && hold(&clients.at_the_door).is_empty());
    }
}
