//! ONE SCHEMA: per type, which fields there are and what each of them is.
//!
//! The form, the validation, the CLI's flags, the JSON shape and the detail view are all
//! generated from [`SCHEMAS`]: a new type is one entry in this table.

use serde::{Deserialize, Serialize};

/// The type of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Authenticates a client application's requests to an API.
    ApiKey,
    /// A token issued under the OAuth2 authorization framework.
    BearerToken,
    /// A client's own identity, for server-to-server communication.
    ClientCredentials,
    /// A client certificate for mutual TLS.
    Certificate,
    /// Free pairs, or a whole file.
    KeyValue,
}

/// What kind of thing a field takes: decides its widget, its validation and its flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The secret's name: 1–128 visible characters, unique.
    Name,
    /// An HTTP field name: an RFC 9110 token.
    HeaderName,
    /// One line of free text.
    Text,
    /// A secret value, up to 1 MiB, not empty.
    Secret,
    /// A secret value that an HTTP header carries: one line (RFC 9110 field-content).
    HeaderValue,
    /// Any number of OAuth2 scopes (RFC 6749 scope-tokens).
    Scopes,
    /// An absolute `https` (or loopback `http`) URL.
    Url,
    /// A certificate or chain, from a file or pasted.
    CertificateFile,
    /// A private key, from a `.key` file or pasted.
    PrivateKeyFile,
    /// A date or a period such as `+90d`.
    Expiration,
    /// The end of the certificate's validity: filled in, not editable.
    ExpirationFromCertificate,
    /// One of a few ways to go on, as `(key, label)`.
    Choice(&'static [(&'static str, &'static str)]),
    /// Rows of a key and a secret value.
    Pairs,
    /// Any file: `.env` and flat JSON become pairs, others are kept whole.
    AnyFile,
    /// Yes or no: whether the value is never displayed again.
    WriteOnly,
}

/// One field of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in references, flags and JSON.
    pub key: &'static str,
    /// Its label when registering.
    pub label: &'static str,
    /// Its label when editing, as on the portal ("New Value").
    pub edit_label: &'static str,
    /// One line of help, shown under the focused field.
    pub help: &'static str,
    /// Whether the form refuses to go without it.
    pub required: bool,
    /// Whether its text is part of the value: masked, zeroized, delivered through the gate.
    pub secret: bool,
    /// What it takes.
    pub input: Input,
    /// Shown only while the choice field named first stands at the option named second.
    pub when: Option<(&'static str, &'static str)>,
}

/// A type, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The type that this describes.
    pub kind: Kind,
    /// Its name in commands and JSON.
    pub slug: &'static str,
    /// Its name on the screen, as the portal has it.
    pub label: &'static str,
    /// A few words that fit a narrow column.
    pub short: &'static str,
    /// What it is for, in the portal's words.
    pub purpose: &'static str,
    /// Its fields, in the order of the form.
    pub fields: &'static [Field],
}

impl Schema {
    /// The field called `key`.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.key == key)
    }

    /// The first field that takes `input`.
    pub fn with_input(&self, input: Input) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.input == input)
    }

    /// The field that is shown while the choice field `choice` stands at `option`.
    pub fn led_to(&self, choice: &str, option: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.when == Some((choice, option)))
    }

    /// The field that the part called `part` of a value stands for; `None` for the pairs and files that people
    /// name themselves, whatever they call them.
    pub fn field_of_part(&self, part: &str) -> Option<&'static Field> {
        self.field(part).filter(|f| f.secret && !matches!(f.input, Input::Pairs | Input::AnyFile))
    }

    /// What to call the part called `part`: as the schema does, or by its own name.
    pub fn part_label<'a>(&self, part: &'a str) -> &'a str {
        self.field_of_part(part).map_or(part, |f| f.label)
    }
}

impl Kind {
    /// Every type, in the portal's order.
    pub const ALL: [Kind; 5] =
        [Kind::ApiKey, Kind::BearerToken, Kind::ClientCredentials, Kind::Certificate, Kind::KeyValue];

    /// The table entry of this type.
    pub fn schema(self) -> &'static Schema {
        &SCHEMAS[self as usize]
    }

    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        self.schema().label
    }
}

const fn field(key: &'static str, label: &'static str, input: Input) -> Field {
    Field { key, label, edit_label: label, help: "", required: true, secret: false, input, when: None }
}

impl Field {
    /// Whether it is one of a few ways to go on, and says nothing about the secret.
    pub fn is_choice(&self) -> bool {
        matches!(self.input, Input::Choice(_))
    }

    const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }
    const fn on_edit(self, edit_label: &'static str) -> Self {
        Self { edit_label, ..self }
    }
    const fn optional(self) -> Self {
        Self { required: false, ..self }
    }
    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
    const fn when(self, choice: &'static str, option: &'static str) -> Self {
        Self { when: Some((choice, option)), ..self }
    }
}

const NAME: Field =
    field("name", "Secret Name", Input::Name).help("1 to 128 visible characters, unique in this vault.");
const EXPIRATION: Field = field("expires", "Expiration Date", Input::Expiration)
    .optional()
    .help("A date such as 2027-01-31, or a period: +90d, +6m, +1y. Empty is never.");
const WRITE_ONLY: Field = field("write_only", "Write-only", Input::WriteOnly)
    .optional()
    .help("The value can be used but is never displayed again. This cannot be taken back.");
const HEADER_NAME: Field = field("header_name", "Header Name", Input::HeaderName)
    .on_edit("New Header Name")
    .help("The HTTP header that carries it, such as Authorization or X-Api-Key.");

/// Scopes that the form suggests; others can be typed.
pub const SUGGESTED_SCOPES: [&str; 6] = ["profile", "edit", "email", "iam.role", "openid", "offline_access"];

/// The table. The order is that of [`Kind::ALL`].
pub static SCHEMAS: [Schema; 5] = [
    Schema {
        kind: Kind::ApiKey,
        slug: "api-key",
        label: "API Key",
        short: "API Key",
        purpose: "Authenticates client application requests to APIs.",
        fields: &[
            NAME,
            HEADER_NAME,
            field("value", "Value", Input::HeaderValue)
                .secret()
                .on_edit("New Value")
                .help("The key itself: typed, pasted or generated."),
            EXPIRATION,
            WRITE_ONLY,
        ],
    },
    Schema {
        kind: Kind::BearerToken,
        slug: "bearer-token",
        label: "Bearer Token (OAuth)",
        short: "Bearer Token",
        purpose: "A token issued under OAuth2 that lets clients access protected resources.",
        fields: &[
            NAME,
            HEADER_NAME,
            field("header_value", "Header Value", Input::HeaderValue)
                .secret()
                .on_edit("New Header Value")
                .help("What the header says, such as Bearer eyJhbGciOi…"),
            EXPIRATION,
            WRITE_ONLY,
        ],
    },
    Schema {
        kind: Kind::ClientCredentials,
        slug: "client-credentials",
        label: "Client Credentials",
        short: "Client Credentials",
        purpose: "Server-to-server communication: a client authenticates as itself.",
        fields: &[
            NAME,
            field("client_id", "Client ID", Input::Text)
                .on_edit("New Client ID")
                .help("The public half: who the client is."),
            field("client_secret", "Client Secret", Input::Secret)
                .secret()
                .on_edit("New Client Secret")
                .help("The secret half: how the client proves it."),
            field("scopes", "Scopes", Input::Scopes)
                .optional()
                .help("What the token may do. Space or comma after each: profile edit email iam.role, or your own."),
            field("token_url", "Token URL", Input::Url)
                .optional()
                .help("Where the token is asked for, such as https://idm.example.com/oauth/token."),
            EXPIRATION,
            WRITE_ONLY,
        ],
    },
    Schema {
        kind: Kind::Certificate,
        slug: "certificate",
        label: "Certificate",
        short: "Certificate",
        purpose: "For mutual TLS: proves who the client is and encrypts the connection.",
        fields: &[
            NAME,
            field("certificate", "Certificate", Input::CertificateFile).on_edit("New Certificate").help(
                "PEM (one or a chain) or DER. Type a path, drop the file here, paste the PEM, or choose the file.",
            ),
            field("private_key", "Private Key", Input::PrivateKeyFile)
                .optional()
                .secret()
                .on_edit("New Private Key")
                .help(
                    "A .key file that belongs to the certificate. Type a path, drop it, paste the PEM, or choose it.",
                ),
            field("expires", "Expiration Date", Input::ExpirationFromCertificate)
                .optional()
                .help("Filled from the certificate."),
            WRITE_ONLY,
        ],
    },
    Schema {
        kind: Kind::KeyValue,
        slug: "key-value",
        label: "Key/Value",
        short: "Key/Value",
        purpose: "Keys and values of your own, entered by hand or taken from a file.",
        fields: &[
            NAME,
            field(
                "method",
                "Registration Method",
                Input::Choice(&[("enter", "Enter key and value"), ("file", "Add a file")]),
            )
            .help("How the pairs get in."),
            field("pairs", "Keys and values", Input::Pairs)
                .secret()
                .when("method", "enter")
                .on_edit("New keys and values")
                .help("A key and its value in each row; a .env text can be pasted."),
            field("file", "File", Input::AnyFile)
                .secret()
                .when("method", "file")
                .on_edit("New file")
                .help(".env and flat JSON become pairs; any other file is kept whole under its name."),
            EXPIRATION,
            WRITE_ONLY,
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_types() {
        for kind in Kind::ALL {
            assert_eq!(kind.schema().kind, kind);
        }
    }

    #[test]
    fn pairs_and_files_keep_the_names_that_people_gave_them() {
        let label = |kind: Kind, part| kind.schema().part_label(part);
        assert_eq!(label(Kind::Certificate, "private_key"), "Private Key");
        assert_eq!(label(Kind::BearerToken, "header_value"), "Header Value");
        for own in ["name", "method", "pairs", "file", "expires", "write_only", "value", "PORT"] {
            assert_eq!(label(Kind::KeyValue, own), own);
        }
    }

    #[test]
    fn help_names_no_key_of_a_screen() {
        for field in SCHEMAS.iter().flat_map(|schema| schema.fields) {
            let named = ["Ctrl-", "^", "Enter ", "Tab ", "Esc"].iter().any(|key| field.help.contains(key));
            assert!(!named, "{}: {}", field.key, field.help);
        }
    }

    #[test]
    fn every_condition_names_a_choice_that_exists() {
        for field in SCHEMAS.iter().flat_map(|s| s.fields.iter().map(move |f| (s, f))) {
            let (schema, field) = field;
            let Some((choice, option)) = field.when else { continue };
            let Some(Input::Choice(options)) = schema.field(choice).map(|f| f.input) else {
                panic!("{} depends on {choice}, which is no choice", field.key)
            };
            assert!(options.iter().any(|(key, _)| *key == option));
        }
    }
}
