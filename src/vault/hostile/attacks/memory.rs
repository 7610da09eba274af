//! On what a machine remembers outside the vault.

use super::{Attack, Base};
use crate::vault::hostile::world::{ADA, MALLORY, World};

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "what was pinned is torn",
        run: pin_torn,
        expected: "what was pinned of the membership log is torn: an older log would go unnoticed",
    },
    Attack {
        name: "what was verified is torn",
        run: known_torn,
        expected: "what was verified before is torn or forged: it was verified anew",
    },
    Attack {
        name: "what was verified is forged",
        run: known_forged,
        expected: "what was verified before is torn or forged: it was verified anew",
    },
    Attack {
        name: "another foundation is pinned",
        run: pin_forged,
        expected: "the vault was tampered with: the membership log is that of another organization: its foundation is not the one pinned here",
    },
];

fn told(world: &World) -> String {
    match world.open(ADA) {
        Err(error) => error.to_string(),
        Ok(vault) => vault.memory_failed.as_deref().unwrap_or("nothing").into(),
    }
}

fn pin_torn(base: &Base) -> String {
    let mut world = base.world.fork();
    world.memory(ADA).pin.as_mut().unwrap().1.pop();
    told(&world)
}

fn known_torn(base: &Base) -> String {
    let mut world = base.world.fork();
    world.memory(ADA).known.as_mut().unwrap().1.pop();
    told(&world)
}

/// Somebody who cannot open the vault lets it forget a revision.
fn known_forged(base: &Base) -> String {
    let mut world = base.world.fork();
    world.memory(ADA).known.as_mut().unwrap().1[50] ^= 1;
    told(&world)
}

fn pin_forged(base: &Base) -> String {
    let mut world = base.world.fork();
    let pin = crate::vault::Pin::to_foundation([7; 32]);
    world.memory(ADA).pin.as_mut().unwrap().1 = pin.encode();
    world.with(MALLORY, |_| ());
    told(&world)
}
