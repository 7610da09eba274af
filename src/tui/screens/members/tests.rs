//! Members and what may be done with them, over a door that answers as written down.

use std::sync::Arc;

use super::super::script::{Asked, Script, session};
use crate::domain::organization::{
    Grants, InvitationState, InvitationView, MemberState, MemberView, OrganizationView, Permission, PermissionRequest,
    Permissions, Reach, Rights, Role, ToRotate,
};
use crate::domain::{Header, InvitationId, MemberId, RequestId, Scope, SecretId, Stamp, Timestamp};
use crate::service::{Credential, CredentialKind, Details, DoorError, News, Request, Response, Session, VaultStatus};
use crate::tui::app::others::header;
use crate::tui::harness::{Harness, START};

const ADA: MemberId = MemberId([1; 16]);
const GRACE: MemberId = MemberId([2; 16]);
const FINGERPRINT: &str = "7K3M-9QTX-2FHA-B6WD";

fn stamp(days: i64) -> Stamp {
    Stamp { at: Timestamp(START - days * 86_400), by: "Ada".into() }
}

fn member(id: MemberId, name: &str, role: Role, grants: Grants) -> MemberView {
    MemberView {
        id,
        name: name.into(),
        role,
        state: MemberState::Active,
        since: stamp(30),
        uid: None,
        grants,
        keys: 1,
        personal: 2,
    }
}

fn invitation(state: InvitationState) -> InvitationView {
    InvitationView {
        id: InvitationId([7; 5]),
        name: "Hedy".into(),
        role: Role::Member,
        uid: None,
        made: stamp(1),
        expires: Timestamp(START + 3 * 86_400),
        state,
    }
}

fn one(permission: Permission) -> Permissions {
    [permission].into_iter().collect()
}

/// Ada holds, Grace may use all, Hedy is invited.
fn organization(state: InvitationState) -> OrganizationView {
    let mut grants = Grants::default();
    grants.grant(one(Permission::Use), &Reach::All);
    OrganizationView {
        name: "acme".into(),
        fingerprint: "AAAA-BBBB-CCCC-DDDD".into(),
        me: Rights::of(ADA, Role::AccountHolder),
        members: vec![
            member(ADA, "Ada", Role::AccountHolder, Grants::default()),
            member(GRACE, "Grace", Role::Member, grants),
        ],
        invitations: vec![invitation(state)],
        requests: vec![PermissionRequest {
            id: RequestId([3; 5]),
            member: GRACE,
            permission: Permission::Reveal,
            secret: None,
            at: Timestamp(START - 7200),
        }],
        reseal_owed: false,
    }
}

fn as_grace() -> (OrganizationView, Session) {
    let mut view = organization(InvitationState::Open);
    view.me = Rights { member: GRACE, role: Role::Member, grants: view.members[1].grants.clone() };
    let rights = view.me.clone();
    (view, Session { member: "Grace".into(), rights, ..session() })
}

type Answers = Vec<Result<Response, DoorError>>;

fn start(view: OrganizationView, who: Session, answers: Answers) -> (Harness, Asked) {
    let mut script = Script::new(VaultStatus::Unlocked(who), answers);
    script.headers = vec![header(&Harness::demo(80, 24), "payments-api")];
    script.steady = vec![(Request::Organization, Response::Organization(Box::new(view)))];
    script.start(80, 24)
}

/// Ada at the members.
fn listed(state: InvitationState, answers: Answers) -> (Harness, Asked) {
    let (mut h, asked) = start(organization(state), session(), answers);
    h.press("Esc Esc Down Enter").expect("2 members, 1 invitation, 1 request");
    (h, asked)
}

fn changed() -> Result<Response, DoorError> {
    Ok(Response::Organization(Box::new(organization(InvitationState::Open))))
}

#[track_caller]
fn last(asked: &Asked) -> Request {
    asked.get(asked.len() - 1)
}

fn accepted() -> InvitationState {
    InvitationState::Accepted { fingerprint: FINGERPRINT.into() }
}

#[test]
fn admitting_shows_the_fingerprint_and_nothing_happens_without_the_passphrase() {
    let wrong = Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds: 0 });
    let (mut h, asked) = listed(accepted(), vec![wrong, changed()]);
    h.press("Down Down").expect("▌ Hedy").press("a").expect("7 K 3 M    9 Q T X    2 F H A    B 6 W D");
    h.type_text("secret").press("Enter Enter").expect_not("Admit Hedy?");
    assert_eq!(asked.len(), 1, "the safe button was pressed");
    h.press("a Enter Tab Tab Enter").expect("Type your passphrase.").type_text("secret").press("Tab Tab Tab Enter");
    h.expect("does not open this vault").expect_not("•").type_text("right").press("Enter Right Right Enter");
    h.expect("Hedy is a Member now.");
    assert!(
        matches!(last(&asked), Request::Admit { invitation, fingerprint, current: Some(Credential::Passphrase(p)) }
        if invitation == InvitationId([7; 5]) && &*fingerprint == FINGERPRINT && p.expose() == b"right")
    );
}

#[test]
fn a_fingerprint_that_differs_withdraws_the_invitation() {
    let (mut h, asked) = listed(accepted(), vec![changed()]);
    h.press("Down Down Enter Enter Tab Enter").expect("The invitation of Hedy is withdrawn.");
    assert_eq!(last(&asked), Request::Withdraw(InvitationId([7; 5])));
}

#[test]
fn a_forged_acceptance_is_never_admitted() {
    let (mut h, asked) = listed(InvitationState::Forged, vec![]);
    h.press("Down Down").expect("✕ forged!").press("a").expect_not("Admit").press("Enter");
    h.expect("somebody else put it there").press("Enter").expect("forged!");
    assert_eq!(asked.len(), 1);
}

#[test]
fn the_code_is_shown_once_and_what_comes_next_is_said() {
    let code = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG";
    let invited = Response::Invited { invitation: invitation(InvitationState::Open), code: code.into() };
    let taken = DoorError::Unlawful(crate::domain::organization::Unlawful::NameTaken);
    let (mut h, asked) = listed(InvitationState::Open, vec![Err(taken), Ok(invited)]);
    h.press("n ^S").expect("✕").type_text("Hedy").press("Tab Right Tab").type_text("many").press("^S");
    h.expect("Write a whole number").press("^U").type_text("1003").press("Tab ^U").type_text("400").press("^S");
    h.expect("from 1 to 365").press("^U").type_text("14").press("^S").expect("member or an invitation of that name");
    h.press("^S").expect("The code for Hedy").expect("GGGG").expect("What comes next");
    let role = Role::AccountManager;
    assert_eq!(last(&asked), Request::Invite { name: "Hedy".into(), role, uid: Some(1003), days: 14 });
    h.event(crate::tui::input::Event::FocusLost).expect_not("GGGG").press("v").expect("GGGG").press("y");
    assert_eq!(h.clipboard, [code.into()]);
    h.press("^C").expect("shown only here").press("Esc Enter").expect("2 members");
}

#[test]
fn a_request_is_granted_or_declined() {
    for (keys, grant, told) in [("Tab Tab Enter", true, "Granted: Grace may"), ("Tab Enter", false, "Declined: Grace")]
    {
        let (mut h, asked) = listed(InvitationState::Open, vec![changed()]);
        h.press("End").expect("▌ Grace asks to reveal all secrets").press("Enter").expect("Asked 2 h ago.");
        h.press(keys).expect(told);
        assert_eq!(last(&asked), Request::AnswerRequest { id: RequestId([3; 5]), grant });
    }
}

#[test]
fn granting_asks_nothing_and_taking_back_asks_first() {
    let (mut h, asked) = listed(InvitationState::Open, vec![changed(), changed(), changed()]);
    h.press("Down Enter").expect("▌ Use").expect("● all").press("Down Enter").expect("Reveal: what may Grace");
    h.press("Down Space Enter").expect("Reveal: Grace has it for 1 secret.");
    let id = header(&Harness::demo(80, 24), "payments-api").id;
    let named = Reach::Named([id].into());
    let granted = Request::Grant { member: GRACE, permissions: one(Permission::Reveal), reach: named.clone() };
    assert_eq!(last(&asked), granted);
    // From all to one: both are asked, after the question.
    h.press("Up Enter Space Down Space Enter").expect("Let Grace use less?").press("Enter");
    assert_eq!(last(&asked), granted);
    h.press("Enter Space Down Space Enter Tab Enter").expect("Use: Grace has it for 1 secret.");
    let (permissions, member) = (one(Permission::Use), GRACE);
    assert_eq!(asked.get(asked.len() - 2), Request::Revoke { member, permissions, reach: Reach::All });
    assert_eq!(last(&asked), Request::Grant { member, permissions, reach: named });
}

#[test]
fn another_role_says_what_follows() {
    let (mut h, asked) = listed(InvitationState::Open, vec![changed()]);
    h.press("Down r").expect("▌ Member").press("Enter").expect("Grace is a Member already.");
    h.press("r Up Enter").expect("Make Grace an Account Manager?").expect("gets all secrets");
    h.type_text("pass").press("Tab Tab Enter").expect("Grace is an Account Manager now.");
    assert!(matches!(
        last(&asked),
        Request::ChangeRole { member: GRACE, role: Role::AccountManager, current: Some(_) }
    ));
}

#[test]
fn removing_wants_the_name_and_leads_to_what_to_rotate() {
    let id = header(&Harness::demo(80, 24), "payments-api").id;
    let to_rotate = vec![
        ToRotate { id: SecretId([9; 16]), name: "old".into(), last_delivered: None },
        ToRotate { id, name: "payments-api".into(), last_delivered: Some(Timestamp(START - 7200)) },
    ];
    let detail = header(&Harness::demo(80, 24), "payments-api");
    let answers = vec![Ok(Response::MemberRemoved { to_rotate }), Ok(Response::Details(Details::from(detail)))];
    let (mut h, asked) = listed(InvitationState::Open, answers);
    h.press("Down x").expect("Remove Grace?").expect("2 personal secrets are deleted");
    h.type_text("Grac").press("Tab").type_text("pass").press("Tab Tab Enter").expect("✕ That is not the name.");
    h.type_text("e").press("Tab Tab Tab Enter").expect("Removed Grace").expect("What to rotate");
    assert!(matches!(last(&asked), Request::RemoveMember { member: GRACE, current: Some(_) }));
    h.expect("▌ payments-api").expect("delivered 2 h ago").expect("○ to rotate").expect("1 of 2 done").press("Enter");
    h.expect("Secret Name").press("Esc").expect("1 of 2 done").press("Esc").expect("2 members");
}

#[test]
fn a_member_sees_all_and_is_told_who_can() {
    let (view, who) = as_grace();
    let asked_for = PermissionRequest { permission: Permission::Edit, ..view.requests[0].clone() };
    let (mut h, asked) = start(view, who, vec![Ok(Response::Asked(asked_for))]);
    h.press("Esc Esc Down Enter").expect("What you ask for").expect("To reveal all secrets");
    h.press("n").expect("It takes an Account Holder or an Account Manager.").expect("Ada can do it.").press("Esc");
    h.press("Down x").expect("Ada can do it.").press("Esc Enter Enter").expect("Ada can do it.").press("Esc Esc");
    h.press("p Down Down Down Enter").expect("Asked:");
    assert_eq!(last(&asked), Request::AskPermission { permission: Permission::Edit, secret: None });
    h.press("End x").expect("Take it back");
}

#[test]
fn what_may_not_be_done_with_a_secret_is_offered_and_asked_for() {
    let (view, who) = as_grace();
    let request = view.requests[0].clone();
    let (mut h, asked) = start(view, who, vec![Ok(Response::Asked(request))]);
    let id = header(&Harness::demo(80, 24), "payments-api").id;
    h.press("e").expect("You may not edit payments-api").expect("Ada can grant it.").press("Enter");
    h.press("m").expect("Deactivate").press("x").expect("You may not delete payments-api").press("Tab Enter");
    h.expect("Asked: Account Holders and Managers see it");
    let asked_for = Request::AskPermission { permission: Permission::Delete, secret: Some(id) };
    assert_eq!(last(&asked), asked_for);
    h.press("n Enter").expect("(•) Personal").press("S-Tab Space").expect("You may not register secrets");
}

#[test]
fn what_the_door_refuses_leads_to_the_same_dialog() {
    let refusal = DoorError::NotPermitted {
        member: "Ada".into(),
        act: "reveal payments-api".into(),
        permission: Some(Permission::Reveal),
        who_can: vec!["Bo".into()],
    };
    let (mut h, asked) = start(organization(InvitationState::Open), session(), vec![Err(refusal), changed()]);
    h.press("y").expect("You may not reveal payments-api").press("Tab Enter");
    let id = header(&Harness::demo(80, 24), "payments-api").id;
    assert_eq!(last(&asked), Request::AskPermission { permission: Permission::Reveal, secret: Some(id) });
}

#[test]
fn news_of_the_organization_are_asked_for_and_change_what_may_be_done() {
    let (view, who) = as_grace();
    let (mut h, _) = start(view, who, vec![]);
    h.press("Esc Esc Down Enter Down").expect("▌ Grace (you)").news(News::Organization).expect("▌ Grace (you)");
    // Where no screen asks, the app does.
    let (view, _) = as_grace();
    let (mut h, _) = start(view, session(), vec![]);
    h.press("e Esc").news(News::Organization).press("e").expect("You may not edit payments-api");
}

#[test]
fn a_personal_secret_has_its_mark_and_the_filter_finds_it() {
    let mut mine: Header = (*header(&Harness::demo(80, 24), "maps-tiles")).clone();
    (mine.scope, mine.owner) = (Scope::Personal, ADA);
    let mut script = Script::new(VaultStatus::Unlocked(session()), []);
    script.headers = vec![header(&Harness::demo(80, 24), "payments-api"), Arc::new(mine)];
    let (mut h, _) = script.start(120, 40);
    h.expect("maps-tiles ◇ personal").expect("◇ 1 personal").press("f End Space Enter").expect("Only Personal");
    h.expect_not("payments-api").press("Esc f End Up Space Enter").expect("Only Organization").expect_not("maps-tiles");
}

#[test]
fn a_manager_changes_nothing_about_an_account_holder() {
    let mut view = organization(InvitationState::Open);
    view.members[1].role = Role::AccountManager;
    view.me = Rights::of(GRACE, Role::AccountManager);
    let who = Session { rights: view.me.clone(), ..session() };
    let (mut h, asked) = start(view, who, vec![]);
    h.press("Esc Esc Down Enter");
    for keys in ["r", "x", "Enter u"] {
        h.press(keys).expect("What concerns Account Holders takes one.").expect("Ada can do it.").press("Esc");
    }
    assert_eq!(asked.len(), 1, "the list of secrets");
}

#[test]
fn a_member_is_bound_to_a_unix_user_and_to_none() {
    let taken = || Err(DoorError::Unlawful(crate::domain::organization::Unlawful::UidTaken));
    let (mut h, asked) = listed(InvitationState::Open, vec![taken(), changed()]);
    h.press("Down Enter u").expect("Unix user of Grace").press("Enter").expect("Nothing was changed.");
    h.press("u").type_text("grace").press("Enter").expect("Write a whole number").press("^U").type_text("1003");
    h.press("Enter").expect("Another member is bound").press("Enter").expect("Grace is bound to uid 1003.");
    assert_eq!(last(&asked), Request::BindMember { member: GRACE, uid: Some(1003) });
}

#[test]
fn the_smallest_terminal_shows_what_is_needed() {
    let view = || organization(accepted());
    let small = |keys: &str| {
        let (mut h, _) = start(view(), session(), vec![]);
        h.resize(60, 16).press("Esc Esc Down Enter").press(keys);
        h
    };
    small("Down Enter End").expect("▌ Delete").expect("Role");
    small("Down Down a").expect("7 K 3 M    9 Q T X").expect("Your passphrase").expect("( Admit )");
    small("Down x").expect("Type the name: Grace").expect("Your passphrase").expect("( Remove )");
    small("n Tab Tab Tab").expect("Days that the invitation counts").expect("1 to 365");
    small("m").expect("Grace").expect("● all").expect("○ none");
    small("End").expect("▌ Grace asks to reveal all secrets");
}
