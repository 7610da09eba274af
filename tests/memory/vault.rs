//! A vault whose keys are known: all that was drawn at random when it was made is on record.

use std::fs;
use std::sync::{Arc, Mutex};

use strongroom::crypto::{KdfCost, Key, VaultFile, VaultKey};
use strongroom::domain::SecretBytes;
use strongroom::host::{Entropy, EntropyError, OsEntropy, SystemClock};
use strongroom::service::{Door, Request, Service};
use strongroom::vault::Place;

use crate::pty::home::Home;
use crate::secrets::{Secret, canary};

/// Randomness, and a record of it.
#[derive(Default)]
struct Recorder(Mutex<Vec<Vec<u8>>>);

impl Entropy for Recorder {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        OsEntropy.fill(bytes)?;
        self.0.lock().expect("the record").push(bytes.to_vec());
        Ok(())
    }
}

/// A home with an empty vault, and its keys.
pub struct Known {
    pub home: Home,
    /// Those that an open vault works with.
    pub in_use: Vec<Secret>,
    /// Those that are needed while it is opened, and not after that.
    pub in_passing: Vec<Secret>,
    /// The names of organization and member, which are sealed in it.
    pub names: Vec<Secret>,
}

/// The place of these names among all canaries.
const NAMES: usize = 99;

/// Makes a vault that `passphrase` opens.
pub fn known(passphrase: &str) -> Known {
    let home = Home::empty();
    let place = Place { vault: home.vault(), state: home.path().join(".local/state/strongroom") };
    let record = Arc::new(Recorder::default());
    let mut service = Service::new(place, Arc::new(SystemClock), record.clone(), KdfCost::DEFAULT);
    let (organization, member) = (canary(NAMES, 0), canary(NAMES, 1));
    let create = Request::Create {
        organization: organization.as_str().into(),
        member: member.as_str().into(),
        passphrase: SecretBytes::from(passphrase),
    };
    service.call(create, &|_| {}).expect("a vault");
    drop(service);
    let header = fs::read(home.vault().join("vault.header")).expect("its header");
    let file = VaultFile::decode(&header).expect("its header");
    let drawn = record.0.lock().expect("the record").clone();
    let (in_use, in_passing) = keys(&file, passphrase, &drawn);
    let names = vec![Secret::text("organization", &organization), Secret::text("member", &member)];
    Known { home, in_use, in_passing, names }
}

/// All keys of the vault: what was drawn that is as long as a key, and what comes of it.
fn keys(file: &VaultFile, passphrase: &str, drawn: &[Vec<u8>]) -> (Vec<Secret>, Vec<Secret>) {
    let long: Vec<[u8; 32]> = drawn.iter().filter_map(|bytes| bytes.as_slice().try_into().ok()).collect();
    assert!(long.len() >= 7, "two identities, anchor, vault key, personal key: {}", long.len());
    let common = |bytes: &[u8; 32]| VaultKey::from(Key::copy_of(bytes)).common(file.vault, file.epoch);
    let is_vault_key =
        |bytes: &&[u8; 32]| common(bytes).check_commitment(file.vault, file.epoch, &file.commitment).is_ok();
    let vault_key = long.iter().find(is_vault_key).expect("the vault key");
    let subkeys = common(vault_key).subkeys(file.vault, file.epoch);
    // The room of the vault's crypto gives it to nobody: derived here as there.
    let values = Key::copy_of(vault_key).derive("strongroom 2 values", &[&file.vault.0, &file.epoch.to_le_bytes()]);
    let named = [
        ("header subkey", subkeys.header),
        ("key of all values", values),
        ("log subkey", subkeys.log),
        ("manifest subkey", subkeys.manifest),
        ("audit subkey", subkeys.audit),
        ("profile subkey", subkeys.profile),
    ];
    let in_use = named.iter().map(|(name, key)| Secret::key(*name, key.expose())).collect();
    let mut in_passing: Vec<Secret> =
        long.iter().enumerate().map(|(n, bytes)| Secret::key(format!("drawn key {n}"), bytes)).collect();
    let salts = drawn.iter().filter_map(|bytes| bytes.as_slice().try_into().ok());
    let stretched = salts.map(|salt| KdfCost::DEFAULT.derive(passphrase.as_bytes(), salt).expect("a key"));
    in_passing.extend(stretched.enumerate().map(|(n, key)| Secret::key(format!("stretched {n}"), key.expose())));
    (in_use, in_passing)
}
