//! On the membership log, which any member can seal again.

use super::header::forge;
use super::{Attack, Base, failed};
use crate::crypto::wire::{Reader, Writer};
use crate::crypto::{Binding, Identity, SIGNATURE_LEN, open};
use crate::domain::organization::{Act, Permission, Permissions, PublicKeys, Reach, Role};
use crate::domain::{SecretBytes, Timestamp};
use crate::vault::Home;
use crate::vault::hostile::world::{ADA, MALLORY, World};
use crate::vault::organization::MembershipLog;

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "the log removed",
        run: removed,
        expected: "the vault was tampered with: the membership log was removed",
    },
    Attack {
        name: "no entry left in the log",
        run: emptied,
        expected: "the vault was tampered with: the membership log was removed",
    },
    Attack {
        name: "an older log replayed",
        run: older,
        expected: "the vault was tampered with: an older membership log was put back: it has 6 entries, and 7 were seen here",
    },
    Attack {
        name: "the log forked",
        run: forked,
        expected: "the vault was tampered with: the membership log was written anew: entry 6 is not the one that was seen here",
    },
    Attack {
        name: "an entry dropped",
        run: dropped,
        expected: "the vault was tampered with: entry 3 of the membership log does not follow the one before",
    },
    Attack {
        name: "two entries in another order",
        run: reordered,
        expected: "the vault was tampered with: entry 2 of the membership log does not follow the one before",
    },
    Attack {
        name: "a role edited",
        run: role_edited,
        expected: "the vault was tampered with: entry 3 of the membership log does not follow the one before",
    },
    Attack {
        name: "the last grant edited",
        run: grant_edited,
        expected: "the vault was tampered with: entry 6 of the membership log is not signed by whom it names",
    },
    Attack {
        name: "a signature stripped",
        run: signature_stripped,
        expected: "the vault was tampered with: entry 6 of the membership log is not signed by whom it names",
    },
    Attack {
        name: "an entry in Ada's name, signed with another key",
        run: wrong_key,
        expected: "the vault was tampered with: entry 7 of the membership log is not signed by whom it names",
    },
    Attack {
        name: "a Member grants herself everything",
        run: grants_herself,
        expected: "the vault was tampered with: entry 7 of the membership log breaks the rules: it takes an Account Manager",
    },
    Attack {
        name: "a Member begins an epoch in the log",
        run: begins_an_epoch,
        expected: "the vault was tampered with: entry 7 of the membership log breaks the rules: it takes an Account Manager",
    },
    Attack {
        name: "a Member makes herself Account Holder",
        run: raises_herself,
        expected: "the vault was tampered with: entry 7 of the membership log breaks the rules: it takes an Account Holder",
    },
    Attack {
        name: "another foundation",
        run: foreign,
        expected: "the vault was tampered with: the membership log is that of another organization: its foundation is not the one pinned here",
    },
    Attack {
        name: "bytes that are no entry",
        run: malformed,
        expected: "the vault was tampered with: entry 0 of the membership log cannot be read",
    },
];

type Pieces = Vec<(Vec<u8>, Vec<u8>)>;

/// Mallory changes the entries and their signatures.
fn edited(base: &Base, change: impl FnOnce(&mut Pieces)) -> World {
    resealed(base, |log, _, _| {
        let mut pieces = pieces(&log.encode());
        change(&mut pieces);
        let mut to = Writer::new();
        to.u8(1);
        to.count(pieces.len());
        for (entry, signature) in &pieces {
            to.bytes(entry);
            to.raw(signature);
        }
        to.into_secret()
    })
}

fn pieces(bytes: &SecretBytes) -> Pieces {
    let mut from = Reader::new(bytes.expose());
    assert_eq!(from.u8(), Ok(1));
    let count = from.count(usize::MAX, 1).unwrap();
    let mut piece = || (from.bytes(usize::MAX).unwrap().to_vec(), from.raw(SIGNATURE_LEN).unwrap().to_vec());
    (0..count).map(|_| piece()).collect()
}

fn resealed(base: &Base, make: impl FnOnce(&mut MembershipLog, &World, &Identity) -> SecretBytes) -> World {
    let mut world = base.world.fork();
    let before = world.clone();
    forge(&mut world, |vault, file| {
        let mut log = vault.log.clone().unwrap();
        let bytes = make(&mut log, &before, &vault.signer.identity);
        file.log = vault.sealer.seal_log(&bytes, &*vault.tools.entropy).unwrap();
    });
    world
}

/// Mallory signs `act` with her key, and says that it is that of `by`.
fn appended(base: &Base, by: &str, act: impl FnOnce(&World) -> Act) -> String {
    let world = resealed(base, |log, world, identity| {
        let slot = log.organization().member(world.members[by]).unwrap().keys[0];
        log.force(act(world), slot, identity, &*world.tools.entropy);
        log.encode()
    });
    let fresh = failed(world.open_fresh(ADA));
    assert_eq!(failed(world.open(ADA)), fresh);
    fresh
}

fn removed(base: &Base) -> String {
    let mut world = base.world.fork();
    forge(&mut world, |_, file| file.log.clear());
    failed(world.open(ADA))
}

fn emptied(base: &Base) -> String {
    failed(edited(base, Pieces::clear).open(ADA))
}

fn older(base: &Base) -> String {
    failed(edited(base, |pieces| drop(pieces.pop())).open(ADA))
}

fn forked(base: &Base) -> String {
    let world = resealed(base, |log, world, identity| {
        let old = pieces(&log.encode());
        let mut to = Writer::new();
        to.u8(1);
        to.count(old.len() - 1);
        old[..old.len() - 1].iter().for_each(|(entry, signature)| {
            to.bytes(entry);
            to.raw(signature);
        });
        let mut fork = MembershipLog::decode(to.as_bytes(), world.vault(), None).unwrap();
        let slot = fork.organization().member(world.members[MALLORY]).unwrap().keys[0];
        let entropy = &*world.tools.entropy;
        let other = Identity::generate(entropy).unwrap();
        let public = PublicKeys(other.public().to_bytes());
        let added = Act::KeyAdded(crate::domain::organization::MemberKey { slot: other.public().slot(), public });
        fork.append(added, Timestamp(1), slot, identity, entropy).unwrap();
        fork.encode()
    });
    failed(world.open(ADA))
}

fn dropped(base: &Base) -> String {
    failed(edited(base, |pieces| drop(pieces.remove(3))).open_fresh(ADA))
}

fn reordered(base: &Base) -> String {
    failed(edited(base, |pieces| pieces.swap(2, 3)).open_fresh(ADA))
}

/// The role of an invitation stands behind the name.
fn role_edited(base: &Base) -> String {
    let edit = |pieces: &mut Pieces| {
        let entry = &mut pieces[2].0;
        let at = entry.windows(MALLORY.len()).position(|bytes| bytes == MALLORY.as_bytes()).unwrap() + MALLORY.len();
        assert_eq!(entry[at], Role::Member as u8);
        entry[at] = Role::AccountHolder as u8;
    };
    failed(edited(base, edit).open_fresh(ADA))
}

fn grant_edited(base: &Base) -> String {
    let edit = |pieces: &mut Pieces| {
        let entry = &mut pieces[6].0;
        // The permissions stand behind version, number, hash, time, key, code and member.
        let at = 1 + 8 + 32 + 8 + 5 + 1 + 16;
        assert_eq!(entry[at], Permissions::from_iter([Permission::Use]).bits());
        entry[at] = 0b11;
    };
    failed(edited(base, edit).open_fresh(ADA))
}

fn signature_stripped(base: &Base) -> String {
    failed(edited(base, |pieces| pieces[6].1.fill(0)).open_fresh(ADA))
}

fn wrong_key(base: &Base) -> String {
    appended(base, ADA, everything)
}

fn everything(world: &World) -> Act {
    Act::Granted {
        member: world.members[MALLORY],
        permissions: Permission::ALL.into_iter().collect(),
        reach: Reach::All,
    }
}

fn grants_herself(base: &Base) -> String {
    appended(base, MALLORY, everything)
}

fn begins_an_epoch(base: &Base) -> String {
    appended(base, MALLORY, |_| Act::EpochBegun { epoch: 2, key: [7; 32], taken_over: [7; 32] })
}

fn raises_herself(base: &Base) -> String {
    appended(base, MALLORY, |world| Act::RoleChanged { member: world.members[MALLORY], role: Role::AccountHolder })
}

fn foreign(base: &Base) -> String {
    let world = resealed(base, |_, world, identity| {
        let entropy = &*world.tools.entropy;
        let slot = identity.public().slot();
        let public = PublicKeys(identity.public().to_bytes());
        let keys = vec![crate::domain::organization::MemberKey { slot, public }];
        let (organization, member, name) = ("Northwind".into(), world.members[MALLORY], MALLORY.into());
        let founded = Act::Founded { organization, member, name, keys };
        MembershipLog::found(world.vault(), founded, Timestamp(1), slot, identity, entropy).unwrap().encode()
    });
    failed(world.open(ADA))
}

fn malformed(base: &Base) -> String {
    failed(
        resealed(base, |_, _, _| {
            SecretBytes::from("\u{1}\u{1}\0\0\0 and no entry, however long the bytes go on".repeat(99).as_str())
        })
        .open(ADA),
    )
}

/// What everybody can open is what any member can write.
#[test]
fn the_log_is_sealed_and_no_more() {
    let base = Base::new();
    let sealed = crate::crypto::VaultFile::decode(&base.world.home.header().unwrap().unwrap()).unwrap();
    let mallory = base.world.open(MALLORY).unwrap();
    let key = &mallory.sealer.keys().log;
    assert!(open(key, &Binding::membership_log(sealed.vault, sealed.epoch), &sealed.log).is_ok());
}
