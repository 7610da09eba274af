//! What the demo shows. No value here opens anything; the certificates and the key were made for this.

use crate::domain::{BindingTarget, Kind};

/// The member who is in.
pub(super) const ADA: &str = "Ada Park";
const BEN: &str = "Ben Okafor";
const CARLA: &str = "Carla Ruiz";

/// One secret of the demo.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Days since it was registered, and by whom.
    pub(super) created: i64,
    pub(super) by: &'static str,
    pub(super) dates: Dates,
    pub(super) turn: Turn,
    pub(super) write_only: bool,
    pub(super) public: &'static [(&'static str, &'static str)],
    pub(super) parts: &'static [(&'static str, &'static str)],
}

/// From when to when it is good.
#[derive(Clone, Copy)]
pub(super) enum Dates {
    Never,
    /// Until so many days from now; negative is past.
    InDays(i64),
    /// As the certificate says: its first day, and the day after its last, counted from 1970-01-01.
    Certificate {
        from: i64,
        to: i64,
    },
}

/// What happened to it since.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    None,
    Deactivated { days_ago: i64, by: &'static str },
    Deleted { days_ago: i64, by: &'static str },
}

const fn sample(name: &'static str, kind: Kind, created: i64, by: &'static str) -> Sample {
    Sample {
        name,
        kind,
        created,
        by,
        dates: Dates::Never,
        turn: Turn::None,
        write_only: false,
        public: &[],
        parts: &[],
    }
}

const PAIRS: &[(&str, &str)] = &[("method", "enter")];
const FILE: &[(&str, &str)] = &[("method", "file")];
const GATEWAY: &str = include_str!("gateway.pem");
const GATEWAY_KEY: &str = include_str!("gateway.key");
const ORDERS: &str = include_str!("orders.pem");

pub(super) static SAMPLES: [Sample; 14] = [
    Sample {
        dates: Dates::InDays(212),
        public: &[("header_name", "X-Api-Key")],
        parts: &[("value", "demo-4f1b9c27d8e64a0f93b1")],
        ..sample("payments-api", Kind::ApiKey, 153, ADA)
    },
    Sample {
        dates: Dates::InDays(9),
        public: &[("header_name", "X-Maps-Token")],
        parts: &[("value", "demo-maps-7788-2210")],
        ..sample("maps-tiles", Kind::ApiKey, 356, BEN)
    },
    Sample {
        public: &[("header_name", "Authorization")],
        parts: &[("value", "demo-status-page")],
        turn: Turn::Deactivated { days_ago: 12, by: CARLA },
        ..sample("status-page", Kind::ApiKey, 501, BEN)
    },
    Sample { turn: Turn::Deleted { days_ago: 18, by: ADA }, ..sample("legacy-sms-gateway", Kind::ApiKey, 840, CARLA) },
    Sample {
        dates: Dates::InDays(57),
        public: &[("header_name", "Authorization")],
        parts: &[("header_value", "Bearer demo.eyJzdWIiOiJub3J0aHdpbmQifQ.signature")],
        ..sample("crm-sync", Kind::BearerToken, 33, ADA)
    },
    Sample {
        dates: Dates::InDays(-6),
        public: &[("header_name", "Authorization")],
        parts: &[("header_value", "Bearer demo.expired")],
        ..sample("newsletter-export", Kind::BearerToken, 96, CARLA)
    },
    Sample {
        public: &[
            ("client_id", "northwind-billing"),
            ("scopes", "profile email iam.role"),
            ("token_url", "https://idm.northwind.example/oauth/token"),
        ],
        parts: &[("client_secret", "demo-billing-secret-3c9d")],
        ..sample("billing-service", Kind::ClientCredentials, 71, BEN)
    },
    Sample {
        dates: Dates::InDays(121),
        write_only: true,
        public: &[
            ("client_id", "northwind-identity"),
            ("scopes", "openid offline_access"),
            ("token_url", "https://idm.northwind.example/oauth/token"),
        ],
        parts: &[("client_secret", "demo-identity-secret-write-only")],
        ..sample("identity-provider", Kind::ClientCredentials, 61, ADA)
    },
    Sample {
        dates: Dates::Certificate { from: 20_454, to: 24_106 },
        public: &[("certificate", GATEWAY)],
        parts: &[("private_key", GATEWAY_KEY)],
        ..sample("gateway.northwind.example", Kind::Certificate, 44, BEN)
    },
    Sample {
        dates: Dates::Certificate { from: 25_567, to: 26_298 },
        public: &[("certificate", ORDERS)],
        ..sample("orders.northwind.example (next)", Kind::Certificate, 2, ADA)
    },
    Sample {
        public: PAIRS,
        parts: &[
            ("DATABASE_URL", "postgres://shop:demo@db.northwind.example/shop"),
            ("REDIS_URL", "redis://cache.northwind.example:6379/0"),
            ("SESSION_KEY", "demo-5d3f7a10"),
        ],
        ..sample("shop-production", Kind::KeyValue, 27, ADA)
    },
    Sample {
        dates: Dates::InDays(3),
        public: PAIRS,
        parts: &[("DATABASE_URL", "postgres://shop:demo@staging.northwind.example/shop"), ("DEBUG", "1")],
        ..sample("shop-staging", Kind::KeyValue, 26, CARLA)
    },
    Sample {
        public: FILE,
        parts: &[("terraform.tfvars", TFVARS)],
        ..sample("infrastructure-variables", Kind::KeyValue, 8, BEN)
    },
    Sample { turn: Turn::Deleted { days_ago: 3, by: CARLA }, ..sample("shop-trial", Kind::KeyValue, 90, CARLA) },
];

/// One application of the demo.
pub(super) struct SampleApplication {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// Days since it was added, and by whom.
    pub(super) created: i64,
    pub(super) by: &'static str,
    /// Where each field of each secret goes.
    pub(super) bindings: fn() -> Vec<(BindingTarget, &'static str, &'static str)>,
}

pub(super) static APPLICATIONS: [SampleApplication; 3] = [
    SampleApplication {
        name: "billing-worker",
        description: "Writes the invoices every night",
        created: 64,
        by: BEN,
        bindings: || {
            vec![
                (variable("PAYMENTS_API_KEY"), "payments-api", "value"),
                (variable("BILLING_CLIENT_ID"), "billing-service", "client_id"),
                (variable("BILLING_CLIENT_SECRET"), "billing-service", "client_secret"),
                (BindingTarget::Header("Authorization".into()), "crm-sync", "header_value"),
            ]
        },
    },
    SampleApplication {
        name: "deploy pipeline",
        description: "Builds the shop and rolls it out",
        created: 25,
        by: ADA,
        bindings: || {
            vec![
                (variable("DATABASE_URL"), "shop-production", "DATABASE_URL"),
                (variable("REDIS_URL"), "shop-production", "REDIS_URL"),
                (variable("PAYMENTS_API_KEY"), "payments-api", "value"),
                (BindingTarget::File("TF_VARS_FILE".into()), "infrastructure-variables", "terraform.tfvars"),
            ]
        },
    },
    SampleApplication {
        name: "git host",
        description: "Where the sources are",
        created: 19,
        by: CARLA,
        bindings: || vec![(BindingTarget::Host("git.northwind.example".into()), "crm-sync", "header_value")],
    },
];

fn variable(name: &str) -> BindingTarget {
    BindingTarget::Variable(name.into())
}

/// A file that is kept whole.
const TFVARS: &str = "\
region          = \"eu-central\"
cluster_size    = 5
registry_token  = \"demo-registry-token\"
dns_api_key     = \"demo-dns-key\"
backup_bucket   = \"northwind-backups\"
alert_webhook   = \"https://hooks.northwind.example/demo\"
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Application, ApplicationDraft, Status, Timestamp};
    use crate::host::{FixedClock, SeededEntropy};
    use crate::vault::{MemoryHome, Tools, demo};
    use std::collections::BTreeSet;
    use std::sync::Arc;

    #[test]
    fn every_type_and_status_is_shown() {
        let now = 1_795_442_700;
        let clock = Arc::new(FixedClock::at(now));
        let cost = crate::crypto::KdfCost::DEFAULT;
        let tools = Tools { clock, entropy: Arc::new(SeededEntropy::new(1)), cost };
        let (vault, _) = demo(MemoryHome::default(), tools).unwrap();
        let headers = vault.headers();
        let kinds: BTreeSet<Kind> = headers.iter().map(|header| header.kind).collect();
        let words = headers.iter().map(|header| Status::of(header, Timestamp(now)).word());
        assert_eq!(kinds.len(), Kind::ALL.len());
        assert_eq!(words.collect::<BTreeSet<_>>().len(), 6);
        assert!(headers.iter().any(|header| header.write_only));
    }

    #[test]
    fn applications_keep_the_rules_and_stand_in_their_order() {
        let tools = Tools {
            clock: Arc::new(FixedClock::at(1_795_442_700)),
            entropy: Arc::new(SeededEntropy::new(1)),
            cost: crate::crypto::KdfCost::DEFAULT,
        };
        let (mut vault, _) = demo(MemoryHome::default(), tools).unwrap();
        let applications = vault.applications();
        assert!(applications.len() == APPLICATIONS.len() && applications.is_sorted_by_key(|one| one.name.clone()));
        for application in applications {
            vault.remove_application(application.id, 1).unwrap();
            let Application { name, description, bindings, .. } = (*application).clone();
            let draft = ApplicationDraft { name, description, bindings };
            assert_eq!(vault.add_application(draft).unwrap().bindings, application.bindings);
        }
    }

    #[test]
    fn tombstones_hold_no_value() {
        for sample in &SAMPLES {
            let deleted = matches!(sample.turn, Turn::Deleted { .. });
            assert!(!deleted || sample.parts.is_empty() && sample.public.is_empty(), "{}", sample.name);
        }
    }
}
