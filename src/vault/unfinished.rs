//! Unfinished forms, in a sealed file of their own: they are no records, and nothing of the vault depends on them.
//!
//! `forms-<epoch>` is `magic ‖ version (u8) ‖ count (u32) ‖ (member (16) ‖ length (u32) ‖ sealed) each`: what one member left
//! is sealed under their personal key, and nobody else can open it. It is written whole with every change. One that cannot be
//! read is set aside and told of once. Version 1 was `magic ‖ version ‖ sealed`, of a vault with one member.

use super::codec::read_kind;
use super::record::Sealer;
use super::rewrite::Fresh;
use super::{Vault, VaultError};
use crate::crypto::SealError;
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::domain::kind::{Field, Input};
use crate::domain::organization::Organization;
use crate::domain::time::DAY;
use crate::domain::{Keeper, MemberId, SecretBytes, SecretId, Timestamp, Unfinished, UnfinishedId};
use crate::host::Entropy;

const MAGIC: &[u8; 8] = b"strongfm";
const VERSION: u8 = 2;
const OLD_VERSION: u8 = 1;
/// So many are kept of one member; the oldest goes.
const MOST: usize = 8;
/// Most bytes of all that is kept of one member, and in the file.
const MAX_OWN: usize = 512 * 1024;
const MAX_FILE: usize = 16 * 1024 * 1024;
/// Most members who have left something.
const MAX_MEMBERS: usize = 4096;
/// Most bytes of the text of one field.
const MAX_TEXT: usize = 128 * 1024;
/// Most bytes of one that is a line.
const MAX_LINE: usize = 8 * 1024;
/// A form that was not touched for so many days is forgotten.
const MOST_DAYS: i64 = 30;
/// Most bytes of one form.
const MAX_FORM: usize = 256 * 1024;
/// Most fields of one form.
const MAX_FIELDS: usize = 64;

/// The file, as the member who is in can open it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Forms {
    /// What they left, the oldest first.
    own: Vec<Unfinished>,
    /// What the others left, sealed.
    others: Vec<(MemberId, Vec<u8>)>,
}

impl Vault {
    /// Keeps `form` in the place of what was kept under its id.
    ///
    /// # Errors
    /// When it is too large, has fields that the type has not or that are secret, or cannot be written.
    pub fn keep_unfinished(&mut self, mut form: Unfinished) -> Result<(), VaultError> {
        self.check_writable()?;
        check(&form)?;
        form.saved = self.now();
        if encode(std::slice::from_ref(&form)).len() > MAX_FORM || form.fields.len() > MAX_FIELDS {
            return Err(VaultError::invalid("form", "it is too long to be kept"));
        }
        // What cannot be read has been set aside: it makes room.
        let mut forms = self.forms().unwrap_or_default();
        forms.own.retain(|kept| kept.id != form.id);
        forms.own.push(form);
        forms.own.sort_by_key(|kept| kept.saved);
        while forms.own.len() > MOST || encode(&forms.own).len() > MAX_OWN {
            forms.own.remove(0);
        }
        self.write_forms(&forms)
    }

    /// The forms that are kept of the member who is in, the oldest first.
    ///
    /// # Errors
    /// When they cannot be read: they have been set aside then, and the next answer is that there are none.
    pub fn unfinished(&mut self) -> Result<Vec<Unfinished>, VaultError> {
        Ok(self.forms()?.own)
    }

    fn forms(&mut self) -> Result<Forms, VaultError> {
        let Some(bytes) = self.home.forms(self.file.epoch)? else { return Ok(Forms::default()) };
        match open(&self.sealer, &bytes) {
            Some(forms) => Ok(forms),
            None => {
                let file = self.home.set_forms_aside(self.file.epoch)?;
                let cause = "unfinished forms that cannot be read were set aside here; nothing else is touched".into();
                Err(VaultError::File { file, cause })
            }
        }
    }

    /// Forgets the form that is kept under `id`, if it is.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn drop_unfinished(&mut self, id: UnfinishedId) -> Result<(), VaultError> {
        self.check_writable()?;
        let mut forms = self.forms()?;
        let before = forms.own.len();
        forms.own.retain(|kept| kept.id != id);
        if forms.own.len() == before { Ok(()) } else { self.write_forms(&forms) }
    }

    /// Forgets the forms whose days are over. What cannot be read stays, to be told of.
    pub(super) fn sweep_unfinished(&mut self) -> Result<(), VaultError> {
        let Some(bytes) = self.home.forms(self.file.epoch)? else { return Ok(()) };
        let Some(mut forms) = open(&self.sealer, &bytes) else { return Ok(()) };
        let (before, now) = (forms.own.len(), self.now());
        forms.own.retain(|form| now.0.saturating_sub(form.saved.0) < MOST_DAYS * DAY);
        if forms.own.len() == before { Ok(()) } else { self.write_forms(&forms) }
    }

    fn write_forms(&mut self, forms: &Forms) -> Result<(), VaultError> {
        let epoch = self.file.epoch;
        if *forms == Forms::default() {
            return self.home.remove_forms(epoch);
        }
        let file = seal(&self.sealer, forms, &*self.tools.entropy)?;
        if file.len() > MAX_FILE {
            return Err(VaultError::invalid("form", "there is no room for it beside those of others"));
        }
        self.home.write_forms(epoch, &file)
    }

    /// Seals the forms for the epoch of `fresh` as well; what others left stays as it is, unless they are in `organization`
    /// no more. What fails here costs the forms, never the rewrite.
    pub(super) fn carry_forms(&mut self, fresh: &Fresh, organization: &Organization, epoch: u64) {
        let mut forms = self.forms().unwrap_or_default();
        forms.others.retain(|(owner, _)| organization.rights(*owner).is_some());
        if forms == Forms::default() {
            return;
        }
        if let Ok(file) = seal(fresh.sealer(), &forms, &*self.tools.entropy) {
            let _ = self.home.write_forms(epoch, &file);
        }
    }
}

/// Whether `form` has only what a form keeps: fields of its type, each once, none of them secret.
fn check(form: &Unfinished) -> Result<(), VaultError> {
    let invalid = |field: &str| VaultError::invalid(field, "This is not kept of a form.");
    let terminal = form.keeper.terminal.as_deref().unwrap_or_default();
    if form.name.len() > MAX_LINE || terminal.len() > MAX_LINE {
        return Err(invalid("form"));
    }
    for (n, (key, text)) in form.fields.iter().enumerate() {
        let field = form.kind.schema().field(key).ok_or_else(|| invalid("form"))?;
        let again = form.fields[..n].iter().any(|(other, _)| other == key);
        if again || most(field).is_none_or(|most| text.len() > most) {
            return Err(invalid(field.key));
        }
    }
    Ok(())
}

/// Most bytes that are kept of `field`; `None` for what is secret. Of pairs, the keys are kept.
fn most(field: &Field) -> Option<usize> {
    match field.input {
        Input::Pairs | Input::Scopes | Input::CertificateFile => Some(MAX_TEXT),
        _ => (!field.secret).then_some(MAX_LINE),
    }
}

/// The file of `forms`.
fn seal(sealer: &Sealer, forms: &Forms, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
    let own = if forms.own.is_empty() { None } else { Some(sealer.seal_own_forms(&encode(&forms.own), entropy)?) };
    let own = own.map(|sealed| (sealer.me(), sealed));
    let all: Vec<&(MemberId, Vec<u8>)> = forms.others.iter().chain(&own).collect();
    let mut to = Writer::with_capacity(1024);
    to.raw(MAGIC);
    to.u8(VERSION);
    to.count(all.len());
    for (owner, sealed) in all {
        to.raw(&owner.0);
        to.count(sealed.len());
        to.raw(sealed);
    }
    Ok(to.as_bytes().to_vec())
}

fn open(sealer: &Sealer, bytes: &[u8]) -> Option<Forms> {
    let (version, rest) = bytes.strip_prefix(MAGIC)?.split_first()?;
    match *version {
        OLD_VERSION => {
            let own = decode(sealer.open_forms(rest).ok()?.expose()).ok()?;
            Some(Forms { own, others: Vec::new() })
        }
        VERSION => {
            let mut forms = Forms { own: Vec::new(), others: read_sealed(rest).ok()? };
            let own = forms.others.iter().position(|(owner, _)| *owner == sealer.me());
            if let Some((_, sealed)) = own.map(|at| forms.others.remove(at)) {
                forms.own = decode(sealer.open_own_forms(&sealed).ok()?.expose()).ok()?;
            }
            Some(forms)
        }
        _ => None,
    }
}

fn read_sealed(bytes: &[u8]) -> Result<Vec<(MemberId, Vec<u8>)>, WireError> {
    let mut from = Reader::new(bytes);
    let mut all = Vec::new();
    for _ in 0..from.count(MAX_MEMBERS, 20)? {
        let owner = MemberId(from.array()?);
        let length = from.count(MAX_FILE, 1)?;
        all.push((owner, from.raw(length)?.to_vec()));
    }
    from.finish()?;
    Ok(all)
}

fn encode(forms: &[Unfinished]) -> SecretBytes {
    let mut to = Writer::with_capacity(1024);
    to.count(forms.len());
    for form in forms {
        to.raw(&form.id.0);
        to.u8(form.kind as u8);
        to.u8(u8::from(form.edits.is_some()));
        if let Some((id, revision)) = form.edits {
            to.raw(&id.0);
            to.u64(revision);
        }
        to.text(&form.name);
        to.i64(form.saved.0);
        to.u32(form.keeper.pid);
        to.u64(form.keeper.started);
        to.text(form.keeper.terminal.as_deref().unwrap_or_default());
        to.count(form.fields.len());
        for (key, text) in &form.fields {
            to.text(key);
            to.text(text);
        }
    }
    to.into_secret()
}

fn decode(bytes: &[u8]) -> Result<Vec<Unfinished>, WireError> {
    let mut from = Reader::new(bytes);
    let forms = (0..from.count(MOST, 16)?).map(|_| decode_form(&mut from)).collect::<Result<_, _>>()?;
    from.finish()?;
    Ok(forms)
}

fn decode_form(from: &mut Reader<'_>) -> Result<Unfinished, WireError> {
    let id = UnfinishedId(from.array()?);
    let kind = read_kind(from)?;
    let edits = if from.flag()? { Some((SecretId(from.array()?), from.u64()?)) } else { None };
    let (name, saved) = (from.text(MAX_TEXT)?.into(), Timestamp(from.i64()?));
    let (pid, started) = (from.u32()?, from.u64()?);
    let terminal = Some(from.text(MAX_TEXT)?).filter(|name| !name.is_empty()).map(Into::into);
    let field = |from: &mut Reader<'_>| Ok((from.text(MAX_TEXT)?.into(), from.text(MAX_TEXT)?.into()));
    let fields = (0..from.count(MAX_FIELDS, 8)?).map(|_| field(from)).collect::<Result<_, _>>()?;
    Ok(Unfinished { id, kind, edits, name, fields, saved, keeper: Keeper { pid, started, terminal } })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::{PersonalKey, VaultKey};
    use crate::domain::{Kind, VaultId};
    use crate::host::SeededEntropy;
    use crate::vault::chest::{Chest, Values};

    fn form(edits: Option<(SecretId, u64)>) -> Unfinished {
        Unfinished {
            id: UnfinishedId([1; 16]),
            kind: Kind::KeyValue,
            edits,
            name: "deploy".into(),
            fields: vec![("name".into(), "deploy".into()), ("pairs".into(), "A\nB".into())],
            saved: Timestamp(7),
            keeper: Keeper { pid: 3, started: 9, terminal: edits.map(|_| "pts/3".into()) },
        }
    }

    fn both() -> Vec<Unfinished> {
        vec![form(None), form(Some((SecretId([2; 16]), 5)))]
    }

    fn sealer(me: u8) -> Sealer {
        let (vault, key) = (VaultId([3; 16]), VaultKey::generate(&SeededEntropy::new(1)).unwrap());
        let personal = PersonalKey::generate(&SeededEntropy::new(me.into())).unwrap();
        let chest = Chest::new(MemberId([me; 16]), Values::All(key.values(vault, 4)), Some(personal));
        Sealer::new(vault, 4, &key.common(vault, 4), chest)
    }

    /// The file of both forms, as it is on disks, can be read.
    #[test]
    fn a_file_of_version_1_can_be_read() {
        let key = VaultKey::generate(&SeededEntropy::new(1)).unwrap();
        let sealer = Sealer::old(VaultId([3; 16]), 4, &key, MemberId([1; 16]));
        let hex = include_str!("../../tests/vectors/forms.hex").trim_end();
        let file: Vec<u8> =
            (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect();
        assert_eq!(open(&sealer, &file), Some(Forms { own: both(), others: Vec::new() }));
    }

    #[test]
    fn each_member_opens_their_own_forms_and_carries_those_of_others() {
        let (ada, ben, entropy) = (sealer(1), sealer(2), SeededEntropy::new(2));
        let hers = seal(&ada, &Forms { own: both(), others: Vec::new() }, &entropy).unwrap();
        let mut seen = open(&ben, &hers).unwrap();
        assert_eq!((seen.own.len(), seen.others.len()), (0, 1));
        seen.own.push(form(None));
        let file = seal(&ben, &seen, &entropy).unwrap();
        assert_eq!(open(&ada, &file).unwrap().own, both());
        assert_eq!(open(&ben, &file).unwrap().own, [form(None)]);
        // Under another name they do not open.
        let renamed = Forms { own: Vec::new(), others: vec![(MemberId([2; 16]), seen.others[0].1.clone())] };
        assert_eq!(open(&ben, &seal(&ada, &renamed, &entropy).unwrap()), None);
        assert!((0..file.len()).all(|length| open(&ada, &file[..length]).is_none()));
    }

    #[test]
    fn forms_come_back() {
        let forms = vec![form(None), form(Some((SecretId([2; 16]), 5)))];
        assert_eq!(decode(encode(&forms).expose()), Ok(forms));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn nothing_makes_decoding_panic(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0..90usize, byte: u8) {
            let _ = decode(&noise);
            let mut bytes = encode(&[form(Some((SecretId([2; 16]), 5)))]);
            bytes.splice(at, 1, &[byte]);
            let _ = decode(bytes.expose());
            prop_assert!(decode(&bytes.expose()[..at]).is_err());
        }
    }
}
