//! Many clients at once: no update is lost, nobody waits for ever, and whoever listens misses nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use strongroom::domain::{Change, Header, PartChange, PublicField, SecretId, State};
use strongroom::host::{Entropy, SeededEntropy};
use strongroom::service::{Delivery, Door, DoorError, News, Remote, Request, Response, Target};

use crate::aloud::say;
use crate::home::{Home, call, changed, draft, list, unlock};

const CLIENTS: usize = 16;
const OPERATIONS: usize = 200;
/// How many rounds a normal run makes, each with a vault of its own; `STRONGROOM_FAULTS=all` makes [`ALL_ROUNDS`].
const ROUNDS: u64 = 2;
const ALL_ROUNDS: u64 = 20;
/// Secrets that everybody counts in.
const COUNTERS: usize = 4;
/// A round that takes longer hangs.
const HANGS: Duration = Duration::from_secs(120);
/// The secret whose registration tells the listeners that it is over.
const END: &str = "the end";

/// What one client did and was told that it is done.
#[derive(Default, Debug)]
struct Done {
    /// Increments, by counter.
    counted: [u64; COUNTERS],
    conflicts: u64,
    /// Its own secrets as last acknowledged.
    own: BTreeMap<SecretId, Header>,
    slowest: Duration,
}

#[test]
fn no_update_is_lost_and_nobody_waits_for_ever() {
    let rounds =
        if std::env::var("STRONGROOM_FAULTS").is_ok_and(|faults| faults == "all") { ALL_ROUNDS } else { ROUNDS };
    let (seed, started) = (crate::seed(), Instant::now());
    let mut conflicts = 0;
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let (of_round, longest) = one_round(seed.wrapping_mul(1000).wrapping_add(round));
        (conflicts, slowest) = (conflicts + of_round, slowest.max(longest));
    }
    say(&format!(
        "{CLIENTS} clients x {OPERATIONS} operations x {rounds} rounds in {:.1} s: {conflicts} conflicts, none lost; the \
         slowest answer took {} ms",
        started.elapsed().as_secs_f64(),
        slowest.as_millis()
    ));
    assert!(conflicts > 0, "they never met");
}

fn one_round(seed: u64) -> (u64, Duration) {
    let home = Home::new();
    let mut door = home.unlocked();
    let counters: Vec<SecretId> = (0..COUNTERS)
        .map(|n| changed(call(&mut door, Request::Register(draft(&format!("counter-{n}"), "0")))).unwrap().id)
        .collect();
    let done = crowd(&home, &counters, seed);
    check(&mut door, &counters, &done);
    call(&mut door, Request::Lock).unwrap();
    unlock(&mut door, home.recovery());
    check(&mut door, &counters, &done);
    call(&mut door, Request::Lock).unwrap();
    let mut alone = home.alone();
    unlock(&mut alone, home.recovery());
    check(&mut alone, &counters, &done);
    (done.iter().map(|done| done.conflicts).sum(), done.iter().map(|done| done.slowest).max().unwrap())
}

/// Lets all clients work at once, each with a listener beside it.
fn crowd(home: &Home, counters: &[SecretId], seed: u64) -> Vec<Done> {
    let (reports, reported) = mpsc::channel();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let listeners: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| hear(home, &over))).collect();
        for number in 0..CLIENTS {
            let (mut door, reports) = (home.remote(), reports.clone());
            let roll = SeededEntropy::new(seed.wrapping_mul(31).wrapping_add(number as u64));
            scope.spawn(move || {
                let mut client = Client { door: &mut door, number, roll, done: Done::default() };
                (0..OPERATIONS).for_each(|n| client.work(n, counters));
                reports.send(client.done).unwrap();
            });
        }
        let next = || reported.recv_timeout(HANGS).unwrap_or_else(|_| hang());
        let done: Vec<Done> = (0..CLIENTS).map(|_| next()).collect();
        over.store(true, Ordering::SeqCst);
        let mut door = home.remote();
        changed(call(&mut door, Request::Register(draft(END, "0")))).unwrap();
        let listed = revisions(&mut door);
        for listener in listeners {
            assert_eq!(listener.join().unwrap(), listed, "a listener knows something else than the listing");
        }
        done
    })
}

/// The threads of a scope are waited for even when it panics: nothing but the end of the process ends a deadlock.
fn hang() -> ! {
    say("a client waits for ever: deadlock");
    std::process::abort()
}

struct Client<'a> {
    door: &'a mut Remote,
    number: usize,
    roll: SeededEntropy,
    done: Done,
}

impl Client<'_> {
    fn roll(&self, sides: usize) -> usize {
        let mut bytes = [0; 8];
        self.roll.fill(&mut bytes).unwrap();
        usize::try_from(u64::from_le_bytes(bytes) % sides as u64).unwrap()
    }

    fn call(&mut self, request: Request) -> Result<Response, DoorError> {
        let started = Instant::now();
        let answer = call(self.door, request);
        self.done.slowest = self.done.slowest.max(started.elapsed());
        answer
    }

    fn work(&mut self, n: usize, counters: &[SecretId]) {
        match self.roll(100) {
            0..30 => self.count(counters),
            30..45 => self.register(n),
            45..60 => self.toggle(),
            60..65 => self.delete(),
            65..75 => drop(self.call(Request::List).unwrap()),
            75..85 => drop(self.call(Request::Details(counters[0].into())).unwrap()),
            85..95 => self.deliver(),
            95..98 => drop(self.call(Request::Status).unwrap()),
            _ => drop(self.call(Request::Touch).unwrap()),
        }
    }

    /// Adds one to a counter that all others add to, too.
    fn count(&mut self, counters: &[SecretId]) {
        let which = self.roll(COUNTERS);
        let Response::Details(details) = self.call(Request::Details(counters[which].into())).unwrap() else { panic!() };
        let mut seen = details.header;
        loop {
            let edit = Request::Edit { id: seen.id, revision: seen.revision, change: one_more(&seen) };
            match changed(self.call(edit)) {
                Ok(_) => break,
                Err(DoorError::Conflict { current }) => seen = current,
                Err(other) => panic!("{other:?}"),
            }
            self.done.conflicts += 1;
        }
        self.done.counted[which] += 1;
    }

    fn register(&mut self, n: usize) {
        let name = format!("client-{}-{n}", self.number);
        let header = changed(self.call(Request::Register(draft(&name, &name)))).unwrap();
        self.done.own.insert(header.id, (*header).clone());
    }

    /// One of its own secrets that is not deleted.
    fn one_of_its_own(&self) -> Option<Header> {
        let own: Vec<&Header> = self.done.own.values().filter(|own| !matches!(own.state, State::Deleted(_))).collect();
        (!own.is_empty()).then(|| own[self.roll(own.len())].clone())
    }

    fn toggle(&mut self) {
        let Some(own) = self.one_of_its_own() else { return };
        let target = Target { id: own.id, revision: own.revision };
        let active = own.state == State::Active;
        self.change(if active { Request::Deactivate(target) } else { Request::Reactivate(target) });
    }

    fn delete(&mut self) {
        let Some(own) = self.one_of_its_own() else { return };
        self.change(Request::Delete(Target { id: own.id, revision: own.revision }));
    }

    fn change(&mut self, request: Request) {
        let header = changed(self.call(request)).unwrap();
        self.done.own.insert(header.id, (*header).clone());
    }

    fn deliver(&mut self) {
        let Some(own) = self.one_of_its_own().filter(|own| own.state == State::Active) else { return };
        let answer = self.call(Request::hand_over(own.id, "value", Delivery::Reveal));
        let Response::Delivered { handed, .. } = answer.unwrap() else { panic!() };
        assert_eq!(handed[0].bytes.expose(), own.name.as_bytes(), "the value of another secret");
    }
}

fn one_more(seen: &Header) -> Change {
    let text = format!("n{}", count_of(seen) + 1).into();
    Change {
        name: seen.name.clone(),
        public: vec![PublicField { key: "header_name".into(), text }],
        parts: vec![("value".into(), PartChange::Keep)],
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

fn count_of(header: &Header) -> u64 {
    header.public("header_name").unwrap()[1..].parse().unwrap()
}

/// Everything that was acknowledged is there, once.
fn check(door: &mut dyn Door, counters: &[SecretId], done: &[Done]) {
    let listed: BTreeMap<SecretId, _> = list(door).into_iter().map(|header| (header.id, header)).collect();
    for (n, id) in counters.iter().enumerate() {
        let counted: u64 = done.iter().map(|done| done.counted[n]).sum();
        assert_eq!((count_of(&listed[id]), listed[id].revision), (counted, counted + 1), "counter {n}");
    }
    let own: BTreeMap<SecretId, &Header> = done.iter().flat_map(|done| &done.own).map(|(id, own)| (*id, own)).collect();
    for (id, header) in &own {
        assert_eq!(&&*listed[id], header);
    }
    assert_eq!(listed.len(), own.len() + counters.len() + 1, "and nothing else, but for the end");
}

fn revisions(door: &mut dyn Door) -> BTreeMap<SecretId, u64> {
    list(door).iter().map(|header| (header.id, header.revision)).collect()
}

/// Listens and lists, then follows the news for a while, then begins anew, until it is over. Gives what it knows in the end.
fn hear(home: &Home, over: &AtomicBool) -> BTreeMap<SecretId, u64> {
    let mut door = home.remote();
    loop {
        let mut news = door.listen().unwrap().unwrap();
        let listed = list(&mut door);
        let mut ended = listed.iter().any(|header| &*header.name == END);
        let mut known: BTreeMap<_, _> = listed.iter().map(|header| (header.id, header.revision)).collect();
        let mut heard = 0;
        while !ended && (heard < 50 || over.load(Ordering::SeqCst)) {
            heard += 1;
            match news.next().unwrap() {
                News::Changed(headers) => {
                    for header in headers {
                        ended |= &*header.name == END;
                        let revision = known.entry(header.id).or_default();
                        *revision = header.revision.max(*revision);
                    }
                }
                News::ListAnew => {
                    let listed = list(&mut door);
                    ended |= listed.iter().any(|header| &*header.name == END);
                    known = listed.iter().map(|header| (header.id, header.revision)).collect();
                }
                other => panic!("{other:?}"),
            }
        }
        if ended {
            return known;
        }
    }
}
