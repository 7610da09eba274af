//! A door in front of another that makes every text hostile which comes through it: all that was stored by somebody else.

use std::any::type_name;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use strongroom::domain::kind::SCHEMAS;
use strongroom::service::{Door, DoorError, Grant, Handed, News, Progress, Request, Response};

use crate::texts::Texts;

/// The texts, and how many places they were put in.
pub(crate) type Shared = Arc<Mutex<Texts>>;

/// The door.
pub(crate) struct Twisted {
    inner: Box<dyn Door>,
    texts: Shared,
}

impl Twisted {
    pub(crate) fn before(inner: Box<dyn Door>, texts: &Shared) -> Box<dyn Door> {
        Box::new(Self { inner, texts: texts.clone() })
    }
}

impl Door for Twisted {
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Result<Response, DoorError> {
        let answer = self.inner.call(request, progress);
        let mut texts = self.texts.lock().unwrap();
        match answer {
            Ok(response) => Ok(twisted_response(response, &mut texts)),
            Err(error) => Err(twisted_error(error, &mut texts)),
        }
    }
}

/// What has secrets in it, which go over no other wire than the agent's, is done by hand.
fn twisted_response(response: Response, texts: &mut Texts) -> Response {
    match response {
        Response::Delivered { how, handed } => {
            let twist = |one: Handed| Handed { header: twisted(one.header.clone(), texts), ..one };
            Response::Delivered { how, handed: handed.into_iter().map(twist).collect() }
        }
        Response::Created { session, recovery_key } => {
            Response::Created { session: twisted(session, texts), recovery_key }
        }
        Response::Invited { invitation, code } => Response::Invited { invitation: twisted(invitation, texts), code },
        Response::SlotAdded { slot, key } => Response::SlotAdded { slot: twisted(slot, texts), key },
        Response::Exported { file, exported, skipped } => {
            Response::Exported { file, exported, skipped: twisted(skipped, texts) }
        }
        Response::Token(Grant::Ask { header, status, client_secret }) => {
            Response::Token(Grant::Ask { header: twisted(header, texts), status, client_secret })
        }
        Response::Restored { records, machine_slots, set_aside } => {
            Response::Restored { records, machine_slots, set_aside: set_aside.map(|_| path(texts)) }
        }
        other => twisted(other, texts),
    }
}

pub(crate) fn twisted_error(error: DoorError, texts: &mut Texts) -> DoorError {
    match error {
        DoorError::NoFile(_) => DoorError::NoFile(path(texts)),
        DoorError::FileExists(_) => DoorError::FileExists(path(texts)),
        DoorError::File { cause, .. } => DoorError::File { file: path(texts), cause: twisted(cause, texts) },
        other => twisted(other, texts),
    }
}

pub(crate) fn twisted_news(news: News, texts: &mut Texts) -> News {
    twisted(news, texts)
}

fn path(texts: &mut Texts) -> PathBuf {
    PathBuf::from(OsString::from("/nowhere")).join(texts.file_name())
}

/// The same with every text in it made hostile that can be any text: what would not be read any more stays as it is.
fn twisted<T: Serialize + DeserializeOwned>(told: T, texts: &mut Texts) -> T {
    let Ok(mut value) = serde_json::to_value(&told) else { return told };
    for place in strings(&value, String::new()) {
        let Some(old) = value.pointer(&place).and_then(Value::as_str).map(str::to_owned) else { continue };
        if !is_ours(&old) && can_be_any_text::<T>(&value, &place) {
            put(&mut value, &place, texts.around(&old));
        }
    }
    serde_json::from_value(value).unwrap()
}

fn put(value: &mut Value, place: &str, text: String) {
    value.pointer_mut(place).into_iter().for_each(|at| *at = Value::String(text.clone()));
}

/// Whether a `T` with another text in this place is a `T`; tried once for all places of a kind.
fn can_be_any_text<T: DeserializeOwned>(value: &Value, place: &str) -> bool {
    static TRIED: LazyLock<Mutex<HashMap<String, bool>>> = LazyLock::new(Mutex::default);
    let kind = format!("{}{}", type_name::<T>(), place.replace(|c: char| c.is_ascii_digit(), ""));
    let mut tried = TRIED.lock().unwrap();
    *tried.entry(kind).or_insert_with(|| {
        let mut other = value.clone();
        put(&mut other, place, "another".to_owned());
        serde_json::from_value::<T>(other).is_ok()
    })
}

/// Words of the schema, by which fields are found; and where the tests' own server is.
fn is_ours(text: &str) -> bool {
    let is_key = SCHEMAS.iter().flat_map(|schema| schema.fields).any(|field| field.key == text);
    is_key || text.starts_with("http://127.0.0.1:")
}

/// Where strings are in `value`, as pointers.
fn strings(value: &Value, at: String) -> Vec<String> {
    let below = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::String(_) => vec![at],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(n, item)| strings(item, below(&n.to_string()))).collect()
        }
        Value::Object(members) => members.iter().flat_map(|(key, member)| strings(member, below(key))).collect(),
        _ => Vec::new(),
    }
}
