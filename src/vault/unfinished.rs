//! Unfinished forms, in a sealed file of their own: they are no records, and nothing of the vault depends on them.
//!
//! `forms-<epoch>` is `magic ‖ version (u8) ‖ sealed`. It is written whole with every change. One that cannot be read is set
//! aside and told of once.

use super::codec::read_kind;
use super::record::Sealer;
use super::rewrite::Fresh;
use super::{Vault, VaultError};
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::domain::kind::{Field, Input};
use crate::domain::time::DAY;
use crate::domain::{Keeper, SecretBytes, SecretId, Timestamp, Unfinished, UnfinishedId};

const MAGIC: &[u8; 8] = b"strongfm";
const VERSION: u8 = 1;
/// So many are kept; the oldest goes.
const MOST: usize = 8;
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
        let mut forms = self.unfinished().unwrap_or_default();
        forms.retain(|kept| kept.id != form.id);
        forms.push(form);
        forms.sort_by_key(|kept| kept.saved);
        forms.drain(..forms.len().saturating_sub(MOST));
        self.write_forms(&forms)
    }

    /// The forms that are kept, the oldest first.
    ///
    /// # Errors
    /// When they cannot be read: they have been set aside then, and the next answer is that there are none.
    pub fn unfinished(&mut self) -> Result<Vec<Unfinished>, VaultError> {
        let Some(bytes) = self.home.forms(self.file.epoch)? else { return Ok(Vec::new()) };
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
        let mut forms = self.unfinished()?;
        let before = forms.len();
        forms.retain(|kept| kept.id != id);
        if forms.len() == before { Ok(()) } else { self.write_forms(&forms) }
    }

    /// Forgets the forms whose days are over. What cannot be read stays, to be told of.
    pub(super) fn sweep_unfinished(&mut self) -> Result<(), VaultError> {
        let Some(bytes) = self.home.forms(self.file.epoch)? else { return Ok(()) };
        let Some(mut forms) = open(&self.sealer, &bytes) else { return Ok(()) };
        let (before, now) = (forms.len(), self.now());
        forms.retain(|form| now.0.saturating_sub(form.saved.0) < MOST_DAYS * DAY);
        if forms.len() == before { Ok(()) } else { self.write_forms(&forms) }
    }

    fn write_forms(&mut self, forms: &[Unfinished]) -> Result<(), VaultError> {
        let epoch = self.file.epoch;
        if forms.is_empty() {
            return self.home.remove_forms(epoch);
        }
        let sealed = self.sealer.seal_forms(&encode(forms), &*self.tools.entropy)?;
        self.home.write_forms(epoch, &framed(&sealed))
    }

    /// Seals the forms for the epoch of `fresh` as well. What fails here costs the forms, never the rewrite.
    pub(super) fn carry_forms(&mut self, fresh: &Fresh, epoch: u64) {
        let forms = self.unfinished().unwrap_or_default();
        if forms.is_empty() {
            return;
        }
        if let Ok(sealed) = fresh.sealer().seal_forms(&encode(&forms), &*self.tools.entropy) {
            let _ = self.home.write_forms(epoch, &framed(&sealed));
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

fn framed(sealed: &[u8]) -> Vec<u8> {
    [&MAGIC[..], &[VERSION], sealed].concat()
}

fn open(sealer: &Sealer, bytes: &[u8]) -> Option<Vec<Unfinished>> {
    let (version, sealed) = bytes.strip_prefix(MAGIC)?.split_first()?;
    let plain = (*version == VERSION).then(|| sealer.open_forms(sealed).ok())??;
    decode(plain.expose()).ok()
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
    use crate::crypto::VaultKey;
    use crate::domain::{Kind, MemberId, VaultId};
    use crate::host::SeededEntropy;

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

    /// The file of both forms, as it is on disks: a difference means a new version of it.
    #[test]
    fn the_file_is_that_of_version_1() {
        let key = VaultKey::generate(&SeededEntropy::new(1)).unwrap();
        let sealer = Sealer::old(VaultId([3; 16]), 4, &key, MemberId([1; 16]));
        let forms = vec![form(None), form(Some((SecretId([2; 16]), 5)))];
        let file = framed(&sealer.seal_forms(&encode(&forms), &SeededEntropy::new(2)).unwrap());
        let hex = file.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex, include_str!("../../tests/vectors/forms.hex").trim_end());
        assert_eq!(open(&sealer, &file), Some(forms));
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
