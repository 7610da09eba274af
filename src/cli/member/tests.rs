//! What is asked at the door, and what is told of the organization, with a door that has one written for it.

use std::collections::BTreeSet;

use clap::Parser;

use super::secrets::Names;
use super::{find, find_invitation, list, run, show};
use crate::cli::Failed;
use crate::cli::args::{Cli, Command, MemberCommand};
use crate::domain::organization::{
    Grants, InvitationState, InvitationView, MemberState, MemberView, OrganizationView, Permission, PermissionRequest,
    Permissions, Reach, Rights, Role, ToRotate,
};
use crate::domain::{
    Header, InvitationId, Kind, Listed, MemberId, RequestId, Scope, SecretId, Stamp, State, Timestamp,
};
use crate::service::{Door, DoorError, Progress, Request, Response, Session, VaultStatus};

const NOW: Timestamp = Timestamp(1_795_442_700);
const DEPLOY: SecretId = SecretId([0x22; 16]);
const ADA: MemberId = MemberId([0x0a; 16]);
const GRACE: MemberId = MemberId([0x0b; 16]);
const GONE: MemberId = MemberId([0x0c; 16]);
const OPEN: InvitationId = InvitationId([1; 5]);
const ACCEPTED: InvitationId = InvitationId([2; 5]);
const FORGED: InvitationId = InvitationId([3; 5]);
const ASKED: RequestId = RequestId([4; 5]);

/// A vault that is open, and what was asked of it besides.
#[derive(Default)]
struct Scripted {
    asked: Vec<Request>,
}

impl Door for Scripted {
    fn call(&mut self, request: Request, _progress: &dyn Fn(Progress)) -> Result<Response, DoorError> {
        let answer = match &request {
            Request::Status => return Ok(Response::Status(VaultStatus::Unlocked(session()))),
            Request::Organization => return Ok(Response::Organization(Box::new(view()))),
            Request::Find(_) => return Ok(Response::Found(vec![Listed::from(&header())])),
            Request::Details(name) if name.to_string() == "deploy" => {
                return Ok(Response::Details(std::sync::Arc::new(header()).into()));
            }
            Request::Details(name) => return Err(DoorError::NoSecret(name.to_string().into())),
            Request::Unlock(_) => Response::Unlocked { session: session(), report: Default::default() },
            Request::RemoveMember { .. } => Response::MemberRemoved {
                to_rotate: vec![ToRotate { id: DEPLOY, name: "deploy".into(), last_delivered: None }],
            },
            Request::AskPermission { .. } => Response::Asked(view().requests.remove(0)),
            _ => Response::Organization(Box::new(view())),
        };
        self.asked.push(request);
        Ok(answer)
    }
}

fn stamp() -> Stamp {
    Stamp { at: Timestamp(1_790_000_000), by: "Ada".into() }
}

fn session() -> Session {
    let (organization, member) = ("acme".into(), "Ada".into());
    let rights = Rights::of(ADA, Role::AccountHolder);
    Session { organization, member, rights, read_only: false, locks_in: None }
}

fn header() -> Header {
    Header {
        id: DEPLOY,
        revision: 1,
        name: "deploy".into(),
        kind: Kind::ApiKey,
        scope: Scope::Organization,
        owner: ADA,
        author: ADA,
        created: stamp(),
        modified: stamp(),
        value_set: stamp().at,
        expires: None,
        not_before: None,
        state: State::Active,
        write_only: false,
        encrypted_key: false,
        public: Vec::new(),
        parts: Vec::new(),
    }
}

fn member(id: MemberId, name: &str, role: Role, state: MemberState) -> MemberView {
    let (grants, since) = (Grants::default(), stamp());
    MemberView { id, name: name.into(), role, state, since, uid: None, grants, keys: 2, personal: 3 }
}

fn view() -> OrganizationView {
    let mut grace = member(GRACE, "Grace", Role::Member, MemberState::Active);
    grace.grants.grant([Permission::Use].into_iter().collect(), &Reach::Named(BTreeSet::from([DEPLOY])));
    grace.grants.grant([Permission::Register].into_iter().collect(), &Reach::All);
    let invitation = |id, name: &str, state| {
        let (made, expires) = (stamp(), Timestamp(NOW.0 + 2 * 86_400));
        InvitationView { id, name: name.into(), role: Role::Member, uid: None, made, expires, state }
    };
    OrganizationView {
        name: "acme".into(),
        fingerprint: "0123 4567".into(),
        me: session().rights,
        members: vec![
            member(ADA, "Ada", Role::AccountHolder, MemberState::Active),
            grace,
            member(GONE, "Grace", Role::AccountManager, MemberState::Removed(stamp())),
        ],
        invitations: vec![
            invitation(OPEN, "Linus", InvitationState::Open),
            invitation(ACCEPTED, "Mary", InvitationState::Accepted { fingerprint: "7K3M 9XQ2 WXYZ 0000".into() }),
            invitation(FORGED, "Mallory", InvitationState::Forged),
        ],
        requests: vec![PermissionRequest {
            id: ASKED,
            member: GRACE,
            permission: Permission::Reveal,
            secret: Some(DEPLOY),
            at: Timestamp(NOW.0 - 3600),
        }],
        reseal_owed: false,
    }
}

fn names() -> Names {
    Names::ask(&mut Scripted::default()).unwrap()
}

/// Carries out `strongroom member …`; what was asked of the vault.
fn go(line: &str) -> Result<Vec<Request>, Failed> {
    let words = ["strongroom", "member"].into_iter().chain(line.split(' '));
    let cli = Cli::try_parse_from(words).unwrap();
    let Some(Command::Member(command)) = cli.command else { panic!("{line}") };
    let mut door = Scripted::default();
    run(&command, &mut door, NOW.0).map(|()| door.asked)
}

fn permissions(of: &[Permission]) -> Permissions {
    of.iter().copied().collect()
}

#[test]
fn grants_name_secrets_or_are_for_all() {
    let some = Reach::Named(BTreeSet::from([DEPLOY]));
    let both = permissions(&[Permission::Use, Permission::Reveal]);
    let grant = |permissions, reach| vec![Request::Grant { member: GRACE, permissions, reach }];
    assert_eq!(go("grant Grace use,reveal deploy").unwrap(), grant(both, some.clone()));
    assert_eq!(go("grant Grace use,reveal --all").unwrap(), grant(both, Reach::All));
    assert_eq!(go("grant Grace register").unwrap(), grant(permissions(&[Permission::Register]), Reach::All));
    let revoke = Request::Revoke { member: GRACE, permissions: permissions(&[Permission::Use]), reach: some };
    assert_eq!(go("revoke Grace use deploy").unwrap(), [revoke]);
    for (line, code, says) in [
        ("grant Grace use", 2, "Name them, or say --all."),
        ("grant Grace use,register deploy", 2, "reaches all secrets or none"),
        ("grant Grace use nothing", 10, "there is no secret \"nothing\""),
        ("grant Linus use deploy", 10, "there is no member \"Linus\". See strongroom member list."),
        ("revoke 0c0c0c0c0c use deploy", 10, "there is no member"),
    ] {
        let failed = go(line).unwrap_err();
        assert!(failed.exit.code() == code && failed.message.contains(says), "{line}: {failed:?}");
    }
}

#[test]
fn what_was_asked_for_is_asked_and_answered() {
    let ask = |permission, secret| vec![Request::AskPermission { permission, secret }];
    assert_eq!(go("ask reveal deploy").unwrap(), ask(Permission::Reveal, Some(DEPLOY)));
    assert_eq!(go("ask edit --all").unwrap(), ask(Permission::Edit, None));
    assert_eq!(go("ask register").unwrap(), ask(Permission::Register, None));
    assert_eq!(go("ask reveal").unwrap_err().exit.code(), 2);
    assert_eq!(go("ask register deploy").unwrap_err().exit.code(), 2);
    let answer = |grant| vec![Request::AnswerRequest { id: ASKED, grant }];
    assert_eq!(go("answer 0404040404 grant").unwrap(), answer(true));
    assert_eq!(go("answer 0404040404 decline").unwrap(), answer(false));
    assert!(go("answer 0505050505 grant").unwrap_err().message.contains("there is no request 0505050505"));
}

#[test]
fn an_invitation_is_found_by_its_name_and_its_id() {
    assert_eq!(go("withdraw Linus").unwrap(), [Request::Withdraw(OPEN)]);
    assert_eq!(go("withdraw 0202020202").unwrap(), [Request::Withdraw(ACCEPTED)]);
    for (which, says) in [("Ada", "there is no invitation for \"Ada\""), ("0909090909", "no invitation 0909090909")] {
        let failed = find_invitation(&view(), which).unwrap_err();
        assert!(failed.exit.code() == 10 && failed.message.contains(says), "{failed:?}");
    }
}

#[test]
fn a_member_is_found_by_name_and_id_and_one_who_was_removed_by_id() {
    let found = |who: &str| find(&view(), who).map(|member| member.id).map_err(|failed| failed.exit.code());
    assert_eq!(found("Grace"), Ok(GRACE), "not the one who was removed");
    assert_eq!(found(&GONE.to_string()), Ok(GONE));
    assert_eq!(found("0A0A0A0A0A"), Ok(ADA));
    for none in ["grace", "0a0a0a0a", "", "0909090909"] {
        assert_eq!(found(none), Err(10), "{none:?}");
    }
}

/// A member's words at a file, for whatever asks the passphrase.
fn with_passphrase(line: &str) -> Result<Vec<Request>, Failed> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pass");
    std::fs::write(&file, "correct horse\n").unwrap();
    go(&format!("{line} --member Ada --passphrase-file {}", file.display()))
}

#[test]
fn what_takes_the_passphrase_hands_it_on_with_the_name() {
    use crate::service::Credential;
    let credential = Credential::Named { member: "Ada".into(), passphrase: "correct horse".into() };
    let (unlock, current) = (Request::Unlock(credential.clone()), Some(credential));
    let changed = Request::ChangeRole { member: GRACE, role: Role::AccountManager, current: current.clone() };
    assert_eq!(with_passphrase("role Grace manager").unwrap(), [unlock.clone(), changed]);
    let removed = Request::RemoveMember { member: GRACE, current: current.clone() };
    assert_eq!(with_passphrase("remove Grace --yes").unwrap(), [unlock.clone(), removed]);
    let admitted = |fingerprint: &str| {
        [
            unlock.clone(),
            Request::Admit { invitation: ACCEPTED, fingerprint: fingerprint.into(), current: current.clone() },
        ]
    };
    assert_eq!(
        with_passphrase("admit Mary --fingerprint 7k3m-9xq2-wxyz-0000").unwrap(),
        admitted("7K3M 9XQ2 WXYZ 0000")
    );
    assert_eq!(with_passphrase("admit Mary --fingerprint 0000").unwrap(), admitted("0000"), "the door refuses it");
    for (who, code, says) in [
        ("Linus", 1, "has not accepted the invitation 0101010101 yet"),
        ("Mallory", 16, "somebody else put it there. Withdraw it with strongroom member withdraw 0303030303"),
    ] {
        let failed = with_passphrase(&format!("admit {who} --fingerprint 0000")).unwrap_err();
        assert!(failed.exit.code() == code && failed.message.contains(says), "{failed:?}");
    }
}

#[test]
fn a_vault_that_is_open_for_somebody_else_is_opened_for_whom_is_named() {
    use crate::service::Credential;
    assert_eq!(go("withdraw Linus --member Ada").unwrap(), [Request::Withdraw(OPEN)]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pass");
    std::fs::write(&file, "correct horse\n").unwrap();
    let unlock = Request::Unlock(Credential::Named { member: "Grace".into(), passphrase: "correct horse".into() });
    let line = format!("withdraw Linus --member Grace --passphrase-file {}", file.display());
    assert_eq!(go(&line).unwrap(), [unlock, Request::Withdraw(OPEN)]);
    // Without the file it would have been asked for.
    let names = |who: &str| {
        let cli = Cli::try_parse_from(["strongroom", "member", "list", "--member", who]).unwrap();
        let Some(Command::Member(MemberCommand::List(args))) = cli.command else { panic!("{who}") };
        crate::cli::is_for(&session(), &args.unlocking.passphrase)
    };
    assert!(names("Ada") && !names("Grace") && !names("ada"));
    let no_key = ["strongroom", "member", "list", "--member", "Grace", "--key-file", "key"];
    assert!(Cli::try_parse_from(no_key).is_err(), "a machine key says whose it is");
}

#[test]
fn the_list_has_a_section_for_each() {
    let told = list::text(&view(), &names(), NOW);
    let wanted = "\
Organization  acme
Fingerprint   0123 4567

Member  Role             Status   Since       Unix user  Id
Ada     Account Holder   Active   2026-09-21  -          0a0a0a0a0a
Grace   Member           Active   2026-09-21  -          0b0b0b0b0b
Grace   Account Manager  Removed  2026-09-21  -          0c0c0c0c0c

Invited  Role    Status                         Until                Invitation
Linus    Member  Open                           2026-11-25 (in 2 d)  0101010101
Mary     Member  Accepted: 7K3M 9XQ2 WXYZ 0000  2026-11-25 (in 2 d)  0202020202
Mallory  Member  Forged: withdraw it            2026-11-25 (in 2 d)  0303030303

Asked by  Permission  For     When     Request
Grace     reveal      deploy  1 h ago  0404040404
";
    assert_eq!(told, wanted);
    let json: serde_json::Value = serde_json::from_str(&list::json(&view(), &names())).unwrap();
    assert_eq!(json["members"][1]["grants"]["use"]["secrets"][0]["name"], "deploy");
    assert_eq!(json["members"][2]["status"], "removed");
    assert_eq!(json["invitations"][1]["fingerprint"], "7K3M 9XQ2 WXYZ 0000");
    assert_eq!(
        (&json["requests"][0]["member"], &json["requests"][0]["secret"]["name"]),
        (&"Grace".into(), &"deploy".into())
    );
}

#[test]
fn a_member_is_shown_with_what_was_granted() {
    let view = view();
    let told = show::text(&view.members[1], &names());
    assert!(told.ends_with("\nMay       With\nUse       deploy\nRegister  all secrets\n"), "{told}");
    assert!(show::text(&view.members[0], &names()).contains("may do everything"));
    let gone = show::text(&view.members[2], &names());
    assert!(
        gone.contains("Removed 2026-09-21 by Ada") && gone.ends_with("None of their keys opens anything.\n"),
        "{gone}"
    );
}
