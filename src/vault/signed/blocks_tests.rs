//! What the blocks of a record say, and what is made of those that do not belong together.

use proptest::prelude::*;

use super::blocks::*;
use crate::crypto::digest;
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::domain::{
    Header, Kind, MemberId, Part, PublicField, Scope, SecretBytes, SecretId, Stamp, State as SecretState, Timestamp,
    VaultId,
};

const SALT: [u8; BLOCK_SALT_LEN] = [5; BLOCK_SALT_LEN];
const VAULT: VaultId = VaultId([6; 16]);
const ID: SecretId = SecretId([1; 16]);
const OWNER: MemberId = MemberId([2; 16]);

fn stamp(at: i64, by: &str) -> Stamp {
    Stamp { at: Timestamp(at), by: by.into() }
}

/// A secret with all that a header can have, changed three times.
fn header() -> Header {
    Header {
        id: ID,
        revision: 4,
        kind: Kind::ClientCredentials,
        name: "deploy".into(),
        scope: Scope::Organization,
        owner: OWNER,
        author: MemberId([3; 16]),
        created: stamp(10, "Ada Park"),
        modified: stamp(40, "Ben Okafor"),
        value_set: Timestamp(30),
        expires: Some(Timestamp(1_000)),
        not_before: Some(Timestamp(5)),
        state: SecretState::Active,
        write_only: true,
        encrypted_key: true,
        public: vec![PublicField { key: "client_id".into(), text: "me".into() }],
        parts: vec![Part { name: "client_secret".into(), size: 7 }],
    }
}

fn block(bytes: SecretBytes, index: u32) -> Block {
    Block { bytes, mark: Mark { epoch: 7, batch: [8; 16], index } }
}

/// What is signed of `header`, whose state is as old as its content.
fn signed(header: &Header, commitment: Option<&[u8; 32]>) -> Signed {
    let birth = birth_of(header, &SALT);
    let content = block(content_of(header, &birth, commitment), 1);
    let state = Some(block(state_of(header, &birth), 2)).filter(|_| header.state != SecretState::Active);
    Signed { birth: block(birth, 0), content, state }
}

fn written(signed: &Signed) -> Vec<u8> {
    let mut to = Writer::with_capacity(1024);
    signed.write(&mut to);
    to.as_bytes().to_vec()
}

fn read(bytes: &[u8]) -> Result<Signed, WireError> {
    let mut from = Reader::new(bytes);
    let signed = Signed::read(&mut from)?;
    from.finish().map(|()| signed)
}

#[test]
fn a_record_comes_back_as_it_was_signed() {
    let stamp = stamp(40, "Ben Okafor");
    for state in [SecretState::Active, SecretState::Inactive(stamp.clone()), SecretState::Deleted(stamp)] {
        for commitment in [None, Some(&[9; 32])] {
            let header = Header { state: state.clone(), ..header() };
            let signed = signed(&header, commitment);
            assert_eq!(read(&written(&signed)), Ok(signed.clone()));
            let told = signed.told(ID).unwrap();
            assert_eq!((told.header, told.content.commitment.as_ref()), (header, commitment));
        }
    }
}

#[test]
fn the_newer_of_content_and_state_tells_who_wrote_last() {
    let old = signed(&header(), None);
    let (off, on) = (stamp(50, "Cleo"), stamp(60, "Dana"));
    let inactive = Header {
        revision: 5,
        author: MemberId([4; 16]),
        modified: off.clone(),
        state: SecretState::Inactive(off.clone()),
        ..header()
    };
    let put_out = Signed { state: Some(block(state_of(&inactive, &old.birth.bytes), 0)), ..old };
    assert_eq!(put_out.told(ID).unwrap().header, inactive);
    // An edit afterwards: the state is still the one of before.
    let edited = Header { revision: 6, author: OWNER, modified: on, name: "renamed".into(), ..inactive };
    let content = block(content_of(&edited, &put_out.birth.bytes, None), 0);
    assert_eq!(Signed { content, ..put_out }.told(ID).unwrap().header, edited);
}

#[test]
fn blocks_of_two_secrets_make_no_record() {
    let gone = Header { state: SecretState::Deleted(stamp(40, "Ben Okafor")), ..header() };
    let one = signed(&gone, None);
    // The same in all but its salt.
    let birth = birth_of(&gone, &[0; BLOCK_SALT_LEN]);
    let other = Signed {
        content: block(content_of(&gone, &birth, None), 1),
        state: Some(block(state_of(&gone, &birth), 2)),
        birth: block(birth, 0),
    };
    assert!(one.told(ID).is_ok() && other.told(ID).is_ok());
    let mixed = [
        Signed { birth: other.birth.clone(), ..one.clone() },
        Signed { content: other.content.clone(), ..one.clone() },
        Signed { state: other.state.clone(), ..one.clone() },
        // Of the same secret, each in the place of another.
        Signed { content: one.state.clone().unwrap(), ..one.clone() },
        Signed { state: Some(one.content.clone()), ..one.clone() },
        Signed { birth: one.content.clone(), ..one.clone() },
    ];
    for (n, mixed) in mixed.iter().enumerate() {
        assert!(mixed.told(ID).is_err(), "mixture {n}");
    }
}

#[test]
fn a_statement_is_about_one_block_of_one_secret_in_one_vault_and_epoch() {
    let block = signed(&header(), None).content;
    let said = block.statement(VAULT, What::Content, ID.0);
    let later = Block { mark: Mark { epoch: 8, ..block.mark }, ..block.clone() };
    let elsewhere = Block { mark: Mark { batch: [0; 16], index: 3, ..block.mark }, ..block.clone() };
    assert_eq!(elsewhere.statement(VAULT, What::Content, ID.0), said, "where the signature lies is not signed");
    for other in [
        block.statement(VaultId([0; 16]), What::Content, ID.0),
        block.statement(VAULT, What::State, ID.0),
        block.statement(VAULT, What::Content, [0; 16]),
        later.statement(VAULT, What::Content, ID.0),
    ] {
        assert_ne!(other, said);
    }
}

#[test]
fn who_knows_all_but_the_salt_cannot_tell_the_statements_of_a_secret() {
    let (birth, guess) = (birth_of(&header(), &SALT), birth_of(&header(), &[0; BLOCK_SALT_LEN]));
    for (a, b) in [
        (content_of(&header(), &birth, None), content_of(&header(), &guess, None)),
        (state_of(&header(), &birth), state_of(&header(), &guess)),
        (birth, guess),
    ] {
        assert_ne!(digest(a.expose()), digest(b.expose()));
    }
}

#[test]
fn the_deletion_of_what_cannot_be_opened_is_read_without_its_birth() {
    let stamp = stamp(70, "Ada Park");
    let deleted = block(deletion_of(9, OWNER, stamp.clone()), 0);
    let told = State::read_alone(&deleted).unwrap();
    assert_eq!(told.state, SecretState::Deleted(stamp.clone()));
    assert_eq!(told.written, Written { revision: 9, author: OWNER, stamp });
    let record = Signed { state: Some(deleted), ..signed(&header(), None) };
    assert_eq!(record.told(ID), Err(WireError::UnknownCode), "it counts for no record that can be opened");
}

proptest! {
    #[test]
    fn nothing_makes_reading_panic(noise in proptest::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), byte: u8) {
        let said = |bytes: &[u8]| read(bytes).ok().and_then(|signed| signed.told(ID).ok());
        let _ = said(&noise);
        let lone = block(SecretBytes::new(noise), 0);
        let _ = State::read_alone(&lone);
        let gone = Header { state: SecretState::Deleted(stamp(40, "Ben Okafor")), ..header() };
        let mut bytes = written(&signed(&gone, Some(&[9; 32])));
        let at = at.index(bytes.len());
        prop_assert!(read(&bytes[..at]).is_err());
        let birth = birth_of(&gone, &SALT).len();
        let was = std::mem::replace(&mut bytes[at], byte);
        // A birth that is another one has no content and no state.
        if (4..4 + birth).contains(&at) && was != byte {
            prop_assert_eq!(said(&bytes), None);
        } else {
            let _ = said(&bytes);
        }
    }
}
