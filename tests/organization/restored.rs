//! A backup of an organization: it goes back to the members and records of its day, and the machine that knew later ones goes
//! along.

use strongroom::domain::organization::{Permission, Reach, Role};
use strongroom::domain::{Delivery, Scope};
use strongroom::service::{Credential, Request, Response};

use crate::support::{ADA, Organization, passphrase, target, value_of};

#[test]
fn an_organization_goes_back_to_the_day_of_a_backup() {
    let mut org = Organization::with(&[("Grace", Role::Member)]);
    let secret = org.register("deploy", Scope::Organization).unwrap();
    org.grant("Grace", &[Permission::Use], Reach::All).unwrap();
    org.enter("Grace");
    org.register("diary", Scope::Personal).unwrap();
    org.enter(ADA);
    let file = org.dir.path().join("backup");
    org.call(Request::Backup(file.clone())).unwrap();
    // What comes later is gone afterwards.
    let secret = org.call(Request::Deactivate(target(&secret))).unwrap();
    let Response::Changed(secret) = secret else { panic!("{secret:?}") };
    org.call(Request::Delete(target(&secret))).unwrap();
    org.remove("Grace", ADA).unwrap();

    let credential = Credential::Named { member: ADA.into(), passphrase: passphrase(ADA) };
    org.call(Request::Restore { file, credential, replace: true }).unwrap();
    for name in [ADA, "Grace"] {
        let report = org.enter(name);
        assert_eq!((report.tampered, report.trouble, report.memory_failed), (vec![], None, None), "{name}");
        assert_eq!(org.deliver(secret.id, Delivery::Run).unwrap(), value_of("deploy"));
    }
    let diary = org.header("diary").id;
    assert_eq!(org.deliver(diary, Delivery::Get).unwrap(), value_of("diary"));
}
