//! On invitations, and on what is handed in for them.

use super::header::forge;
use super::{Attack, Base};
use crate::crypto::{Acceptance, Identity, InvitationCode, MachineKey, SealedInvitation, Slot, SlotSecret};
use crate::domain::organization::{Act, PublicKeys, Role};
use crate::domain::{InvitationId, MemberId, Timestamp, VaultId};
use crate::vault::hostile::world::{ADA, MALLORY, NOW, World};
use crate::vault::{Home, Vault};

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "keys substituted without the code",
        run: without_the_code,
        expected: "the vault was tampered with: its signature does not fit it",
    },
    Attack {
        name: "keys substituted with the code",
        run: with_the_code,
        expected: "that is not the fingerprint of the keys that were handed in",
    },
    Attack {
        name: "an acceptance of another invitation",
        run: other_invitation,
        expected: "the vault was tampered with: its signature does not fit it",
    },
    Attack {
        name: "an acceptance of an invitation to another vault",
        run: other_vault,
        expected: "there is no invitation 0000000003 that counts",
    },
    Attack {
        name: "a machine key handed in",
        run: machine,
        expected: "the vault was tampered with: its parts belong to different secrets, revisions or scopes",
    },
    Attack {
        name: "a sealed invitation swapped",
        run: swapped,
        expected: "that code opens no invitation of this vault",
    },
    Attack {
        name: "an invitation whose time is over",
        run: expired,
        expected: "there is no such invitation, or it counts no longer",
    },
    Attack {
        name: "an invitation that was withdrawn",
        run: withdrawn,
        expected: "there is no invitation 0000000003 that counts",
    },
];

const ID: InvitationId = InvitationId([0, 0, 0, 0, 3]);
const OTHER: InvitationId = InvitationId([0, 0, 0, 0, 4]);

/// Carol is invited, and so is somebody else; the keys of both invitations.
struct Invited {
    world: World,
    code: InvitationCode,
    identity: Identity,
    other: Identity,
}

fn invited(base: &Base) -> Invited {
    let mut world = base.world.fork();
    let entropy = world.tools.entropy.clone();
    let code = InvitationCode::generate(&*entropy).unwrap();
    let [identity, other] = [(); 2].map(|()| Identity::generate(&*entropy).unwrap());
    world.with(ADA, |ada| {
        let invited = |id, name: &str, identity: &Identity| Act::Invited {
            invitation: id,
            name: name.into(),
            role: Role::Member,
            uid: None,
            expires: Timestamp(NOW + 10),
            public: PublicKeys(identity.public().to_bytes()),
        };
        let acts = vec![invited(ID, "Carol", &identity), invited(OTHER, "Dan", &other)];
        let mut change = ada.begin_change(acts).unwrap();
        let (vault, foundation) = (ada.file.vault, change.log.foundation());
        let sealed = SealedInvitation::create(vault, ID, &code, &identity, &ada.anchor, &foundation, &*entropy);
        change.file.invitations.push(sealed.unwrap());
        ada.make_change(change).unwrap();
    });
    Invited { world, code, identity, other }
}

/// What somebody hands in for `id` to `vault`, signed with `identity`. The lock of its slot is never opened here.
fn handed_in(world: &World, vault: VaultId, id: InvitationId, identity: &Identity, passphrase: bool) -> Acceptance {
    let entropy = &*world.tools.entropy;
    let machine = MachineKey::generate(entropy).unwrap();
    let mut member = MemberId([0; 16]);
    entropy.fill(&mut member.0).unwrap();
    let anchor = crate::crypto::Anchor::generate(entropy).unwrap();
    let (secret, cost) = (SlotSecret::Machine(&machine), world.tools.cost);
    let mut slot = Slot::create(vault, member, secret, cost, &anchor, entropy).unwrap();
    if passphrase {
        slot.have_cost(cost);
    }
    Acceptance::create(vault, id, slot, identity, entropy).unwrap()
}

/// What comes of admitting Carol, who reads out `fingerprint`.
fn admitted(world: &World, acceptance: &Acceptance, fingerprint: &str) -> String {
    let mut home = world.home.clone();
    home.put_acceptance(ID, &acceptance.encode()).unwrap();
    let mut ada = world.open(ADA).unwrap();
    ada.admit(ID, fingerprint, None, &|_| {}).map_or_else(|error| error.to_string(), |()| "she was admitted".into())
}

fn without_the_code(base: &Base) -> String {
    let Invited { world, .. } = invited(base);
    let mallorys = Identity::generate(&*world.tools.entropy).unwrap();
    let acceptance = handed_in(&world, world.vault(), ID, &mallorys, true);
    admitted(&world, &acceptance, &acceptance.fingerprint())
}

fn with_the_code(base: &Base) -> String {
    let Invited { world, identity, .. } = invited(base);
    let [carols, mallorys] = [(); 2].map(|()| handed_in(&world, world.vault(), ID, &identity, true));
    admitted(&world, &mallorys, &carols.fingerprint())
}

fn other_invitation(base: &Base) -> String {
    let Invited { world, other, .. } = invited(base);
    let acceptance = handed_in(&world, world.vault(), ID, &other, true);
    admitted(&world, &acceptance, &acceptance.fingerprint())
}

fn other_vault(base: &Base) -> String {
    let Invited { world, identity, .. } = invited(base);
    let acceptance = handed_in(&world, VaultId([9; 16]), ID, &identity, true);
    admitted(&world, &acceptance, &acceptance.fingerprint())
}

fn machine(base: &Base) -> String {
    let Invited { world, identity, .. } = invited(base);
    let acceptance = handed_in(&world, world.vault(), ID, &identity, false);
    admitted(&world, &acceptance, &acceptance.fingerprint())
}

/// Mallory seals one of her own in its place, but cannot with that code.
fn swapped(base: &Base) -> String {
    let Invited { mut world, code, .. } = invited(base);
    forge(&mut world, |vault, file| {
        let entropy = vault.tools.entropy.clone();
        let (own, identity) = (InvitationCode::generate(&*entropy).unwrap(), Identity::generate(&*entropy).unwrap());
        let sealed = SealedInvitation::create(file.vault, ID, &own, &identity, &vault.anchor, &[7; 32], &*entropy);
        file.invitations = vec![sealed.unwrap()];
    });
    let (mut home, passphrase) = (world.home.clone(), "correct horse".into());
    Vault::accept(&mut home, &code.to_text(), &passphrase, &world.tools, &|_| {}).unwrap_err().to_string()
}

fn expired(base: &Base) -> String {
    let Invited { mut world, identity, .. } = invited(base);
    let acceptance = handed_in(&world, world.vault(), ID, &identity, true);
    world.tools.clock = std::sync::Arc::new(crate::host::FixedClock::at(NOW + 11));
    admitted(&world, &acceptance, &acceptance.fingerprint())
}

fn withdrawn(base: &Base) -> String {
    let Invited { mut world, identity, .. } = invited(base);
    let acceptance = handed_in(&world, world.vault(), ID, &identity, true);
    world.with(ADA, |ada| ada.withdraw(ID).unwrap());
    // Mallory puts it back where it was: the log says that it is over.
    world.with(MALLORY, |_| ());
    admitted(&world, &acceptance, &acceptance.fingerprint())
}
