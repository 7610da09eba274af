//! Earlier values: kept, delivered, pruned, carried along, and gone with the secret.

use std::collections::BTreeMap;

use strongroom::domain::{Change, Delivery, Header, KeptRevision, Order, PartChange, Reference, SecretId, Settings};
use strongroom::domain::{PublicField, Want};
use strongroom::service::{DoorError, Repaired, Request, Response, StoreTrouble, Verdict};
use strongroom::store::sled::SledStore;
use strongroom::store::{Batch, Store};

use crate::support::{Bench, DAY, START, changed, draft, target};

fn change(header: &Header, value: Option<&str>) -> Change {
    let fate = value.map_or(PartChange::Keep, |value| PartChange::Set(value.into()));
    Change {
        name: header.name.clone(),
        public: header.public.clone(),
        parts: vec![("value".into(), fate)],
        expires: header.expires,
        not_before: None,
        write_only: header.write_only,
        encrypted_key: false,
    }
}

fn edit(bench: &mut Bench, header: &Header, change: Change) -> std::sync::Arc<Header> {
    changed(bench.call(Request::Edit { id: header.id, revision: header.revision, change })).unwrap()
}

fn history(bench: &mut Bench, id: SecretId) -> Vec<KeptRevision> {
    let Response::History(kept) = bench.call(Request::History(id)).unwrap() else { panic!("no history") };
    kept
}

/// From which to which revision each earlier value lived.
fn spans(bench: &mut Bench, id: SecretId) -> Vec<(u64, u64)> {
    history(bench, id).iter().map(|kept| (kept.set_at, kept.header.revision)).collect()
}

fn value_at(bench: &mut Bench, id: SecretId, revision: u64) -> Result<String, DoorError> {
    let reference = Reference { secret: id.into(), field: Some("value".into()) };
    let want = Want { reference, revision: Some(revision) };
    match bench.call(Request::Deliver(Order::new(Delivery::Get, vec![want])))? {
        Response::Delivered { handed, .. } => Ok(handed[0].bytes.expose_text().unwrap().to_owned()),
        other => panic!("{other:?}"),
    }
}

fn keep(bench: &mut Bench, kept_revisions: u16) {
    bench.call(Request::ChangeSettings(Settings { kept_revisions, ..Settings::default() })).unwrap();
}

/// A secret whose value was small, large and small again; a date was moved in between. The last revision is 4.
fn turned_over(bench: &mut Bench, name: &str) -> std::sync::Arc<Header> {
    let first = bench.register(draft(name, "one"));
    let moved = edit(
        bench,
        &first,
        Change { expires: Some(strongroom::domain::Timestamp(START + DAY)), ..change(&first, None) },
    );
    let second = edit(bench, &moved, change(&moved, Some(&"two".repeat(10_000))));
    edit(bench, &second, change(&second, Some("three")))
}

fn is_as_turned_over(bench: &mut Bench, id: SecretId) {
    assert_eq!(spans(bench, id), [(3, 3), (1, 2)]);
    for (revision, value) in [(1, "one"), (2, "one"), (3, &"two".repeat(10_000)), (4, "three")] {
        assert_eq!(value_at(bench, id, revision).unwrap(), value, "revision {revision}");
    }
    for none in [0, 5] {
        assert!(matches!(value_at(bench, id, none), Err(DoorError::NoRevision { .. })), "{none}");
    }
}

#[test]
fn every_value_is_there_at_the_revisions_that_had_it() {
    let mut bench = Bench::open();
    let secret = turned_over(&mut bench, "key");
    is_as_turned_over(&mut bench, secret.id);
    assert_eq!(history(&mut bench, secret.id)[1].header.expires, secret.expires, "the last header that had it");
    let other = bench.register(draft("other", "1"));
    assert_eq!(spans(&mut bench, other.id), []);
    assert_eq!(bench.reopen().trouble, None);
    is_as_turned_over(&mut bench, secret.id);
    bench.change_passphrase("another passphrase").unwrap();
    assert_eq!(bench.reopen().trouble, None);
    is_as_turned_over(&mut bench, secret.id);
    let file = bench.dir.path().join("backup");
    bench.call(Request::Backup(file.clone())).unwrap();
    changed(bench.call(Request::Delete(target(&secret)))).unwrap();
    let credential = bench.recovery.clone();
    bench.call(Request::Restore { file, credential, replace: true }).unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None);
    is_as_turned_over(&mut bench, secret.id);
}

#[test]
fn a_value_sealed_anew_beside_a_header_that_grew_is_as_old_as_it_was() {
    let mut bench = Bench::open();
    let first = bench.register(draft("key", &"x".repeat(8_000)));
    let header_name = PublicField { key: "header_name".into(), text: "X".repeat(128).into() };
    let grown = Change { name: "é".repeat(128).into(), public: vec![header_name], ..change(&first, None) };
    let second = edit(&mut bench, &first, grown);
    assert_eq!(value_at(&mut bench, second.id, 1).unwrap(), "x".repeat(8_000));
    edit(&mut bench, &second, change(&second, Some("y")));
    assert_eq!(spans(&mut bench, second.id), [(1, 2)]);
}

#[test]
fn the_gate_looks_at_the_secret_as_it_is_now() {
    let mut bench = Bench::open();
    let secret = turned_over(&mut bench, "key");
    let off = changed(bench.call(Request::Deactivate(target(&secret)))).unwrap();
    assert!(matches!(value_at(&mut bench, secret.id, 1), Err(DoorError::Unavailable(_))));
    let on = changed(bench.call(Request::Reactivate(target(&off)))).unwrap();
    assert_eq!(value_at(&mut bench, secret.id, 1).unwrap(), "one");
    edit(&mut bench, &on, Change { write_only: true, ..change(&on, None) });
    assert!(matches!(value_at(&mut bench, secret.id, 1), Err(DoorError::WriteOnly)));
    assert_eq!(spans(&mut bench, secret.id), [(3, 3), (1, 2)], "nothing of that set a value");
}

#[test]
fn as_many_are_kept_as_the_settings_say() {
    let mut bench = Bench::open();
    let mut secret = bench.register(draft("key", "0"));
    for n in 1..=8 {
        secret = edit(&mut bench, &secret, change(&secret, Some(&n.to_string())));
    }
    assert_eq!(spans(&mut bench, secret.id), [(8, 8), (7, 7), (6, 6), (5, 5), (4, 4)]);
    assert!(matches!(value_at(&mut bench, secret.id, 3), Err(DoorError::NoRevision { .. })));
    keep(&mut bench, 2);
    assert_eq!(spans(&mut bench, secret.id).len(), 5, "they go with the next change");
    let secret = edit(&mut bench, &secret, change(&secret, None));
    assert_eq!(spans(&mut bench, secret.id), [(8, 8), (7, 7)]);
    keep(&mut bench, 1);
    bench.change_passphrase("another passphrase").unwrap();
    assert_eq!(spans(&mut bench, secret.id), [(8, 8)], "or with a rewrite");
    keep(&mut bench, 0);
    edit(&mut bench, &secret, change(&secret, Some("9")));
    assert_eq!(spans(&mut bench, secret.id), []);
    assert_eq!(bench.reopen().trouble, None);
}

/// Every entry of a store.
type State = BTreeMap<Vec<u8>, Vec<u8>>;
/// What somebody does to it.
type Fault<'f> = &'f dyn Fn(&mut State);

/// The entries of the closed store.
fn entries(bench: &mut Bench) -> State {
    bench.call(Request::Lock).unwrap();
    let (store, _) = SledStore::open(&bench.place().store(1), START).unwrap();
    let mut found = State::new();
    let mut visit = |key: &[u8], entry: strongroom::store::Entry| found.insert(key.to_vec(), entry.bytes).is_none();
    store.scan(b"", &mut visit).unwrap();
    (Box::new(store) as Box<dyn Store>).close().unwrap();
    found
}

/// Puts the store in the state `to`.
fn put_back(bench: &mut Bench, to: &State) {
    let now = entries(bench);
    let mut batch = Batch::default();
    now.keys().filter(|key| !to.contains_key(*key)).for_each(|key| batch.remove(key.clone()));
    to.iter()
        .filter(|(key, bytes)| now.get(*key) != Some(bytes))
        .for_each(|(key, bytes)| batch.put(key.clone(), bytes.clone()));
    let (store, _) = SledStore::open(&bench.place().store(1), START).unwrap();
    let mut store: Box<dyn Store> = Box::new(store);
    store.commit(batch).unwrap();
    store.close().unwrap();
}

#[test]
fn a_deleted_secret_leaves_nothing_in_the_store_but_its_tombstone() {
    let mut bench = Bench::open();
    let secret = turned_over(&mut bench, "key");
    changed(bench.call(Request::Delete(target(&secret)))).unwrap();
    assert_eq!(spans(&mut bench, secret.id), []);
    let left = entries(&mut bench);
    let kinds: Vec<u8> = left.keys().map(|key| key[0]).collect();
    assert_eq!(kinds, *b"mrss", "the manifest, the tombstone, and the signatures of its birth and its end");
    assert_eq!(bench.unlock().unwrap().trouble, None);
}

#[test]
fn what_was_kept_and_is_changed_lost_moved_or_put_back_is_noticed() {
    let kept = |state: &State| -> Vec<Vec<u8>> { state.keys().filter(|key| key[0] == b'v').cloned().collect() };
    let current = |state: &State| state.keys().find(|key| key[0] == b'r').unwrap().clone();
    let faults: [(&str, Fault<'_>); 5] = [
        ("flipped", &|state| *state.get_mut(&kept(state)[0]).unwrap().last_mut().unwrap() ^= 1),
        ("lost", &|state| drop(state.remove(&kept(state)[0]))),
        ("swapped", &|state| {
            let [one, two] = &kept(state)[..] else { panic!() };
            let (first, second) = (state[one].clone(), state[two].clone());
            state.extend([(one.clone(), second), (two.clone(), first)]);
        }),
        ("kept taken for the present one", &|state| {
            let earlier = state[&kept(state)[0]].clone();
            state.insert(current(state), earlier);
        }),
        ("the present one kept besides", &|state| {
            let mut key = kept(state)[0].clone();
            *key.last_mut().unwrap() = 4;
            let present = state[&current(state)].clone();
            state.insert(key, present);
        }),
    ];
    for (fault, change) in faults {
        let mut bench = Bench::open();
        turned_over(&mut bench, "key");
        let mut state = entries(&mut bench);
        change(&mut state);
        put_back(&mut bench, &state);
        let report = bench.unlock().unwrap();
        assert!(matches!(report.trouble, Some(StoreTrouble::Damaged { expected: 1, .. })), "{fault}: {report:?}");
    }
}

#[test]
fn what_was_deleted_does_not_come_back_with_its_bytes() {
    let mut bench = Bench::open();
    let secret = turned_over(&mut bench, "key");
    let before = entries(&mut bench);
    bench.unlock().unwrap();
    changed(bench.call(Request::Delete(target(&secret)))).unwrap();
    let mut after = entries(&mut bench);
    after.extend(before.into_iter().filter(|(key, _)| matches!(key[0], b'v' | b'w' | b'p')));
    put_back(&mut bench, &after);
    assert!(bench.unlock().unwrap().trouble.is_some());
    bench.call(Request::Repair).unwrap();
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(spans(&mut bench, secret.id), [], "a repair does not revive it");
}

#[test]
fn a_kept_value_that_lost_a_piece_is_told_of_and_keeps_nobody_from_setting_another() {
    let mut bench = Bench::open();
    let secret = turned_over(&mut bench, "key");
    let mut state = entries(&mut bench);
    let piece = state.keys().find(|key| key[0] == b'p').unwrap().clone();
    state.remove(&piece);
    put_back(&mut bench, &state);
    assert_eq!(bench.unlock().unwrap().trouble, None, "what is counted is whole");
    assert!(matches!(value_at(&mut bench, secret.id, 3), Err(DoorError::Damaged(_))));
    assert_eq!(value_at(&mut bench, secret.id, 1).unwrap(), "one");
    let file = bench.dir.path().join("backup");
    let Err(DoorError::Damaged(cause)) = bench.call(Request::Backup(file)) else { panic!("a backup of damage") };
    assert!(cause.contains("1 earlier values") && cause.contains("key"), "{cause}");
    let Response::Examined(findings) = bench.call(Request::Doctor(None)).unwrap() else { panic!() };
    let records = findings.iter().find(|finding| &*finding.what == "records").unwrap();
    assert!(matches!(&records.verdict, Verdict::Bad { advice, .. } if advice.contains("Keep no earlier values")));
    let secret = edit(&mut bench, &secret, change(&secret, Some("four")));
    assert_eq!(spans(&mut bench, secret.id), [(4, 4), (3, 3), (1, 2)]);
    assert!(bench.change_passphrase("another passphrase").is_err(), "nothing is left out in silence");
    // What the doctor advises.
    keep(&mut bench, 0);
    bench.change_passphrase("another passphrase").unwrap();
    assert_eq!(bench.reopen().trouble, None);
}

#[test]
fn a_repair_takes_the_earlier_values_that_can_be_read() {
    let mut bench = Bench::open();
    let secret = turned_over(&mut bench, "key");
    let mut state = entries(&mut bench);
    let first = state.keys().find(|key| key[0] == b'v').unwrap().clone();
    *state.get_mut(&first).unwrap().last_mut().unwrap() ^= 1;
    put_back(&mut bench, &state);
    assert!(bench.unlock().unwrap().trouble.is_some());
    let Response::Unlocked { report, .. } = bench.call(Request::Repair).unwrap() else { panic!() };
    assert!(matches!(report.repaired, Some(Repaired { whole: 1, brought_back: 0, lost: 0 })), "{report:?}");
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(spans(&mut bench, secret.id), [(3, 3)]);
    assert_eq!(bench.reveal(&secret, "value").unwrap(), "three");
}

#[test]
fn the_doctor_finds_every_entry_in_its_place() {
    let mut bench = Bench::open();
    turned_over(&mut bench, "key");
    keep(&mut bench, 3);
    let Response::Examined(findings) = bench.call(Request::Doctor(None)).unwrap() else { panic!() };
    let good = |what: &str| findings.iter().any(|f| &*f.what == what && matches!(f.verdict, Verdict::Good(_)));
    assert!(good("records") && good("manifest"), "{findings:#?}");
}
