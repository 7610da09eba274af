//! Checking what is signed against the membership log.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::thread;

use super::{Block, Signed, Told, What};
use crate::crypto::{Batch, PublicIdentity, digest};
use crate::domain::organization::{KeyState, Organization, Permission, Rights, Role, Tampering, Whose};
use crate::domain::{MemberId, Scope, SecretId, State, VaultId};
use crate::store::Store;
use crate::vault::layout::{self, Item};
use crate::vault::record::Closed;

/// Batches that are read before their signatures are checked.
const PREPARED_AT_ONCE: usize = 512;

/// The statements that were taken over into the present epoch.
#[derive(Debug, Clone, Default)]
pub(in crate::vault) struct TakenOver(HashSet<[u8; 32]>);

impl TakenOver {
    /// The list in its written form, sorted, so that it tells nothing of how it came about.
    pub(in crate::vault) fn encode(mut statements: Vec<[u8; 32]>) -> Vec<u8> {
        statements.sort_unstable();
        statements.dedup();
        statements.concat()
    }

    /// The list in `bytes`, when its digest is `told`.
    pub(in crate::vault) fn decode(bytes: &[u8], told: &[u8; 32]) -> Result<Self, Tampering> {
        let (statements, rest) = bytes.as_chunks::<32>();
        if digest(bytes) != *told || !rest.is_empty() {
            return Err(Tampering::TakenOver);
        }
        Ok(Self(statements.iter().copied().collect()))
    }
}

/// Who signed a batch.
struct Checked {
    statements: Vec<[u8; 32]>,
    epoch: u64,
    member: MemberId,
    key: KeyState,
}

/// The batches that were looked at, by id.
type CheckedBatches = HashMap<[u8; 16], Result<Rc<Checked>, Tampering>>;

/// Checks records of one store.
pub(in crate::vault) struct Verifier<'a> {
    vault: VaultId,
    epoch: u64,
    organization: &'a Organization,
    store: &'a dyn Store,
    taken_over: OnceCell<Result<TakenOver, Tampering>>,
    batches: RefCell<CheckedBatches>,
    /// What each author may do: looked up once, for grants can be long.
    authors: RefCell<HashMap<MemberId, Option<Rc<Rights>>>>,
}

impl<'a> Verifier<'a> {
    /// For records of `store`, of `vault` during `epoch`.
    pub(in crate::vault) fn new(
        vault: VaultId,
        epoch: u64,
        organization: &'a Organization,
        store: &'a dyn Store,
    ) -> Self {
        let (batches, authors) = (RefCell::default(), RefCell::default());
        Self { vault, epoch, organization, store, taken_over: OnceCell::new(), batches, authors }
    }

    /// Whether all that `signed` says of `id` was signed by somebody who was permitted to say it. Gives what it says.
    pub(in crate::vault) fn check(&self, id: SecretId, signed: &Signed) -> Result<Told, Tampering> {
        let told = signed.told(id).map_err(|_| Tampering::Mixed)?;
        let whose = Whose::from(&told.header);
        self.check_birth(signed, whose)?;
        self.check_content(signed, &told, whose)?;
        self.check_name(&signed.birth, whose.owner, &told.header.created.by)?;
        self.check_name(&signed.content, told.content.written.author, &told.content.written.stamp.by)?;
        let (Some(block), Some(state)) = (&signed.state, &told.state) else { return Ok(told) };
        let needs = match state.state {
            State::Deleted(_) => Permission::Delete,
            State::Active | State::Inactive(_) => Permission::Deactivate,
        };
        self.check_block(What::State, whose, block, state.written.author, |rights| rights.may(needs, whose))
            .map_err(|why| named(why, needs))?;
        self.check_name(block, state.written.author, &state.written.stamp.by)?;
        Ok(told)
    }

    /// Whether a Member who wrote `block` in this epoch calls themselves by their name: it is what people see.
    fn check_name(&self, block: &Block, author: MemberId, by: &str) -> Result<(), Tampering> {
        let author = self.organization.member(author).filter(|member| member.role == Role::Member);
        let is_other = author.is_some_and(|author| *author.name != *by) && block.mark.epoch == self.epoch;
        if is_other { Err(Tampering::OtherAuthor) } else { Ok(()) }
    }

    /// Whether a personal record of somebody else says of itself only what it may: that its owner or an Account Holder
    /// deleted it.
    pub(in crate::vault) fn check_closed(&self, closed: &Closed) -> Result<(), Tampering> {
        let Some(block) = &closed.deleted else {
            return if closed.has_inner { Ok(()) } else { Err(Tampering::Unsigned) };
        };
        let state = closed.deletion().ok_or(Tampering::Mixed)?;
        if !matches!(state.state, State::Deleted(_)) || state.written.revision != closed.revision {
            return Err(Tampering::Mixed);
        }
        let whose = Whose { id: closed.id, scope: Scope::Personal, owner: closed.owner };
        // Nobody but its owner can look into it; but that it is deleted, whoever took it over has seen.
        if block.mark.epoch != self.epoch
            && !self.is_taken_over(&block.statement(self.vault, What::State, closed.id.0))?
        {
            return Err(Tampering::OtherEpoch);
        }
        let may = |rights: &Rights| rights.may(Permission::Delete, whose);
        self.check_block(What::State, whose, block, state.written.author, may)
            .map_err(|why| named(why, Permission::Delete))
    }

    /// The epoch.
    pub(in crate::vault) fn epoch(&self) -> u64 {
        self.epoch
    }

    fn check_birth(&self, signed: &Signed, whose: Whose) -> Result<(), Tampering> {
        let may = |rights: &Rights| rights.may_register(whose.scope);
        self.check_block(What::Birth, whose, &signed.birth, whose.owner, may)
            .map_err(|why| named(why, Permission::Register))
    }

    fn check_content(&self, signed: &Signed, told: &Told, whose: Whose) -> Result<(), Tampering> {
        let written = &told.content.written;
        let is_deleted = matches!(told.header.state, State::Deleted(_));
        // The first content belongs to the registering; the last of a deleted secret is what the deletion left of it.
        let needs = match written.revision {
            1 if written.author == whose.owner => Permission::Register,
            revision if is_deleted && revision == told.header.revision => Permission::Delete,
            _ => Permission::Edit,
        };
        let may = |rights: &Rights| match needs {
            Permission::Register => rights.may_register(whose.scope),
            needs => rights.may(needs, whose),
        };
        self.check_block(What::Content, whose, &signed.content, written.author, may).map_err(|why| named(why, needs))
    }

    /// Whether `block` of `whose` is signed by `author`, who had the right that `may` asks for.
    pub(in crate::vault) fn check_block(
        &self,
        what: What,
        whose: Whose,
        block: &Block,
        author: MemberId,
        may: impl Fn(&Rights) -> bool,
    ) -> Result<(), Tampering> {
        let batch = self.batch(block.mark.batch)?;
        let statement = block.statement(self.vault, what, whose.id.0);
        let index = usize::try_from(block.mark.index).unwrap_or(usize::MAX);
        if batch.statements.get(index) != Some(&statement) || batch.epoch != block.mark.epoch {
            return Err(Tampering::BadSignature);
        }
        if batch.member != author {
            return Err(Tampering::OtherAuthor);
        }
        // What it took to write it, whoever took it over has looked at; into personal ones, nobody else can look.
        if block.mark.epoch != self.epoch {
            let is_in = whose.scope == Scope::Personal || self.is_taken_over(&statement)?;
            return if is_in { Ok(()) } else { Err(Tampering::OtherEpoch) };
        }
        match self.rights_of(author) {
            None => Err(Tampering::RemovedKey),
            Some(_) if matches!(batch.key, KeyState::RemovedSince(epoch) if epoch < self.epoch) => {
                Err(Tampering::RemovedKey)
            }
            Some(rights) if may(&rights) => Ok(()),
            // The caller says which permission it is.
            Some(_) => Err(Tampering::NotPermitted(Permission::Use)),
        }
    }

    fn rights_of(&self, author: MemberId) -> Option<Rc<Rights>> {
        let look_up = || self.organization.rights(author).map(Rc::new);
        self.authors.borrow_mut().entry(author).or_insert_with(look_up).clone()
    }

    fn is_taken_over(&self, statement: &[u8; 32]) -> Result<bool, Tampering> {
        let read = || {
            let told = self.organization.epoch().ok_or(Tampering::TakenOver)?.taken_over;
            let stored = layout::read(self.store, Item::TakenOver).map_err(|_| Tampering::TakenOver)?;
            TakenOver::decode(&stored.map_or(Vec::new(), |stored| stored.bytes), &told)
        };
        let taken_over = self.taken_over.get_or_init(read).as_ref();
        taken_over.map(|taken_over| taken_over.0.contains(statement)).map_err(Clone::clone)
    }

    /// Checks the signatures of `batches` on all processors: what is asked of them afterwards is known.
    pub(in crate::vault) fn prepare(&self, batches: impl Iterator<Item = [u8; 16]>) {
        let unique: HashSet<[u8; 16]> = batches.collect();
        let unique: Vec<[u8; 16]> = unique.into_iter().collect();
        for some in unique.chunks(PREPARED_AT_ONCE) {
            let read: Vec<_> = some.iter().map(|id| (*id, self.read_batch(*id))).collect();
            let share = read.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
            let checked: Vec<_> = thread::scope(|scope| {
                let vault = self.vault;
                let check = move |share: Vec<_>| share.into_iter().map(|one| check_one(vault, one)).collect::<Vec<_>>();
                let mut read = read.into_iter();
                let next = || Some(read.by_ref().take(share).collect::<Vec<_>>()).filter(|share| !share.is_empty());
                let threads: Vec<_> = std::iter::from_fn(next).map(|share| scope.spawn(move || check(share))).collect();
                // What a thread did not come to is checked when it is asked for.
                threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
            });
            self.batches.borrow_mut().extend(checked.into_iter().map(|(id, checked)| (id, checked.map(Rc::new))));
        }
    }

    /// Whether the batch `id` is there, and whoever signed it is or was in the organization.
    pub(in crate::vault) fn has_signed(&self, id: [u8; 16]) -> bool {
        self.batch(id).is_ok()
    }

    fn batch(&self, id: [u8; 16]) -> Result<Rc<Checked>, Tampering> {
        if let Some(checked) = self.batches.borrow().get(&id) {
            return checked.clone();
        }
        let checked = self.check_batch(id).map(Rc::new);
        self.batches.borrow_mut().insert(id, checked.clone());
        checked
    }

    fn check_batch(&self, id: [u8; 16]) -> Result<Checked, Tampering> {
        self.read_batch(id)?.check(self.vault)
    }

    /// The batch `id`, and whose key signed it.
    fn read_batch(&self, id: [u8; 16]) -> Result<Unchecked, Tampering> {
        let stored = layout::read(self.store, Item::Batch(id)).ok().flatten().ok_or(Tampering::Unsigned)?;
        let batch = Batch::decode(&stored.bytes).map_err(|_| Tampering::BadSignature)?;
        let (member, key) = self.organization.owner_of_key(batch.slot).ok_or(Tampering::UnknownKey)?;
        let public = self.organization.public_keys(batch.slot).ok_or(Tampering::UnknownKey)?;
        let public = PublicIdentity::from_bytes(&public.0).map_err(|_| Tampering::UnknownKey)?;
        Ok(Unchecked { batch, member, key, public })
    }
}

/// A batch whose signature was not looked at yet.
struct Unchecked {
    batch: Batch,
    member: MemberId,
    key: KeyState,
    public: PublicIdentity,
}

impl Unchecked {
    fn check(self, vault: VaultId) -> Result<Checked, Tampering> {
        let Self { batch, member, key, public } = self;
        batch.verify(vault, &public).map_err(|_| Tampering::BadSignature)?;
        Ok(Checked { epoch: batch.epoch, statements: batch.leaves, member, key })
    }
}

/// The batch `id`, checked; or why it was not read.
fn check_one(
    vault: VaultId,
    (id, read): ([u8; 16], Result<Unchecked, Tampering>),
) -> ([u8; 16], Result<Checked, Tampering>) {
    (id, read.and_then(|read| read.check(vault)))
}

/// `why`, said of the permission that it is about.
fn named(why: Tampering, needs: Permission) -> Tampering {
    match why {
        Tampering::NotPermitted(_) => Tampering::NotPermitted(needs),
        other => other,
    }
}
