//! Attacks on the stored bytes, one by one, each with the error that it must end in.

mod header;
mod invitations;
mod kept;
mod log;
mod memory;
mod records;
mod signatures;

use std::collections::BTreeSet;

use super::world::{ADA, BOB, MALLORY, World};
use crate::domain::organization::{Permission, Reach};
use crate::domain::{Draft, Scope, SecretId};
use crate::vault::hostile::world::{draft, value};
use crate::vault::{Vault, VaultError};

/// An attack: what it does, and the error that an honest client then gives.
struct Attack {
    name: &'static str,
    run: fn(&Base) -> String,
    expected: &'static str,
}

/// What is attacked.
struct Base {
    world: World,
    /// Shared with Mallory, to be used: at revision 2, with the first value kept.
    target: SecretId,
    second: SecretId,
    /// The same, with a value in pieces.
    large: SecretId,
    /// Put out of use at revision 3.
    off: SecretId,
    /// Bob's own.
    diary: SecretId,
}

impl Base {
    fn new() -> Self {
        let mut world = World::founded();
        let (target, second, off) = (world.shared("target"), world.shared("second"), world.shared("off"));
        world.with(ADA, |ada| drop(ada.deactivate(off, 2).unwrap()));
        let big = Draft { value: value(&"x".repeat(40_000)), ..draft("large", Scope::Organization) };
        let large = world.with(ADA, |ada| ada.register(big).unwrap().id);
        let diary = world.personal(BOB, "diary");
        world.grant(MALLORY, &[Permission::Use], &Reach::Named([target, second, large].into()));
        [ADA, BOB, MALLORY].into_iter().for_each(|name| world.with(name, |_| ()));
        Self { world, target, second, large, off, diary }
    }

    /// The same, with Mallory permitted more.
    fn with(&self, permissions: &[Permission]) -> World {
        let mut world = self.world.fork();
        world.grant(MALLORY, permissions, &Reach::All);
        world
    }
}

/// The error of an opening that must fail.
fn failed(opened: Result<Vault, VaultError>) -> String {
    match opened {
        Ok(vault) => format!("it opened: {:?}", vault.refused),
        Err(error) => error.to_string(),
    }
}

/// Why `id` is refused in a vault that opens.
fn refusal(opened: Result<Vault, VaultError>, id: SecretId) -> String {
    let vault = opened.unwrap();
    super::world::refused(&vault, id).map_or("it was taken".into(), |(why, _)| why.to_string())
}

#[test]
fn each_attack_on_the_stored_bytes_ends_in_an_error_of_its_own() {
    let base = Base::new();
    let mut errors: BTreeSet<String> = BTreeSet::new();
    let all = [
        header::ATTACKS,
        log::ATTACKS,
        records::ATTACKS,
        kept::ATTACKS,
        signatures::ATTACKS,
        invitations::ATTACKS,
        memory::ATTACKS,
    ];
    let attacks: Vec<&Attack> = all.into_iter().flatten().collect();
    let mut wrong = Vec::new();
    for Attack { name, run, expected } in &attacks {
        let found = run(&base);
        if found != *expected {
            wrong.push(format!("{name}: {found}"));
        }
        errors.insert(found);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let names: BTreeSet<&str> = attacks.iter().map(|attack| attack.name).collect();
    println!("{} attacks, {} errors", attacks.len(), errors.len());
    assert_eq!(names.len(), attacks.len());
    assert!(attacks.len() >= 50 && errors.len() >= 35, "{} attacks, {} errors", attacks.len(), errors.len());
}
