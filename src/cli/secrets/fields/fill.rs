//! From flags to a form: what is not secret first, then what has to be read or asked for.

use super::source::{Holds, Source, without_line_break};
use crate::cli::args::{FieldArgs, flag};
use crate::cli::exit::Exit;
use crate::cli::{Failed, output, unexpected};
use crate::domain::date::DateError;
use crate::domain::kind::{Field, Input, Schema};
use crate::domain::{Change, Draft, Header, Kind, SecretBytes, Timestamp};
use crate::form::{Content, FieldError, FieldState, Form, Held, Mode, Row};

/// A secret that has to be read, into a field; with the key, of a pair.
#[derive(Debug)]
struct Wanted {
    index: usize,
    key: Option<String>,
    source: Source,
}

/// A form on its way from the command line.
#[derive(Debug)]
pub(in crate::cli::secrets) struct Filling {
    form: Form,
    wanted: Vec<Wanted>,
}

impl Filling {
    /// A new secret, with all that is known before the vault is open.
    ///
    /// # Errors
    /// What is wrong with that.
    pub(in crate::cli::secrets) fn register(
        kind: Kind,
        name: &str,
        args: &FieldArgs,
        now: Timestamp,
    ) -> Result<Self, Failed> {
        let mut form = Form::register(kind);
        let of_name = kind.schema().fields.iter().position(|field| field.input == Input::Name);
        of_name.into_iter().for_each(|index| form.set_text(index, name));
        Self { form, wanted: Vec::new() }.with(args, of_name, now)
    }

    /// A change of the secret under `header`.
    ///
    /// # Errors
    /// What is wrong with what is given.
    pub(in crate::cli::secrets) fn edit(
        header: &Header,
        args: &FieldArgs,
        remove_pairs: &[String],
        now: Timestamp,
    ) -> Result<Self, Failed> {
        let filling = Self { form: Form::edit(header), wanted: Vec::new() };
        let mut filling = filling.with(args, None, now)?;
        remove_pairs.iter().try_for_each(|key| filling.remove_pair(key))?;
        Ok(filling)
    }

    /// Takes in what `args` say, and checks what is not secret.
    fn with(mut self, args: &FieldArgs, name: Option<usize>, now: Timestamp) -> Result<Self, Failed> {
        let mut plain: Vec<usize> = name.into_iter().collect();
        for (field, texts) in &args.given {
            let index = self.index_of(field)?;
            self.choose_for(index)?;
            match takes_secret(self.spec(index)) {
                true => self.want(index, texts)?,
                false => {
                    self.set(index, texts);
                    plain.push(index);
                }
            }
        }
        args.generate.map_or(Ok(()), |length| self.want_generated(length))?;
        self.check_input_once()?;
        for index in plain {
            self.form.validate_field(index, now);
        }
        self.errors().map_or(Ok(self), Err)
    }

    fn schema(&self) -> &'static Schema {
        self.form.kind().schema()
    }

    fn spec(&self, index: usize) -> &'static Field {
        &self.schema().fields[index]
    }

    /// The field of this type that has the flag of `given`.
    fn index_of(&self, given: &Field) -> Result<usize, Failed> {
        let fields = self.schema().fields;
        fields.iter().position(|field| flag(field) == flag(given)).ok_or_else(|| {
            let has: Vec<String> = fields.iter().filter_map(flag).map(|flag| format!("--{flag}")).collect();
            let given = flag(given).unwrap_or_default();
            let message =
                format!("a secret of type {} has no --{given}; it has {}.", self.schema().label, has.join(", "));
            Failed::new(Exit::Usage, message)
        })
    }

    /// Makes the field at `index` one that is shown. What another flag has chosen stays.
    fn choose_for(&mut self, index: usize) -> Result<(), Failed> {
        let Some((choice, option)) = self.spec(index).when else { return Ok(()) };
        let taken = self.wanted.iter().any(|wanted| {
            self.spec(wanted.index).when.is_some_and(|(other, chosen)| other == choice && chosen != option)
        });
        if taken {
            let message = "keys and values are given one by one or in a file, not both. Leave one of them away.";
            return Err(Failed::new(Exit::Usage, message));
        }
        let field = self.schema().fields.iter().enumerate().find(|(_, field)| field.key == choice);
        if let Some((at, Field { input: Input::Choice(options), .. })) = field {
            let position = options.iter().position(|(key, _)| *key == option).unwrap_or_default();
            self.form.choose(at, position);
        }
        Ok(())
    }

    fn set(&mut self, index: usize, texts: &[String]) {
        match self.form.field(index).map(FieldState::content) {
            Some(Content::Flag(false)) => self.form.toggle(index),
            Some(Content::Text(_)) => self.form.set_text(index, texts.join(" ")),
            _ => {}
        }
    }

    fn want(&mut self, index: usize, texts: &[String]) -> Result<(), Failed> {
        let flag = self.flag(index);
        for text in texts {
            let (key, text) = match self.spec(index).input {
                Input::Pairs => {
                    text.split_once('=').map(|(key, text)| (Some(key.to_owned()), text)).ok_or_else(|| {
                        Failed::new(Exit::Usage, format!("{flag}: write KEY=SOURCE, such as PASSWORD=prompt."))
                    })?
                }
                _ => (None, text.as_str()),
            };
            let source = Source::parse(&flag, text, holds(self.spec(index)))?;
            self.check_fits(index, &source)?;
            self.wanted.push(Wanted { index, key, source });
        }
        Ok(())
    }

    /// A file is neither generated nor typed, and only what is stored and not required can go.
    fn check_fits(&self, index: usize, source: &Source) -> Result<(), Failed> {
        let spec = self.spec(index);
        let is_file = holds(spec) != Holds::Text;
        let is_stored = matches!(self.form.field(index).map(FieldState::content), Some(Content::File(file)) if file.held != Held::Nothing);
        let fits = match source {
            Source::Nothing => is_file && is_stored && !spec.required,
            Source::Generate(_) | Source::Prompt => !is_file,
            _ => true,
        };
        if fits {
            Ok(())
        } else {
            Err(Failed::new(Exit::Usage, format!("{}: that makes no sense here.", self.flag(index))))
        }
    }

    fn want_generated(&mut self, length: usize) -> Result<(), Failed> {
        let of_it = |field: &Field| matches!(field.input, Input::Secret | Input::HeaderValue);
        let Some(index) = self.schema().fields.iter().position(of_it) else {
            let message = format!("nothing of type {} is generated with --generate.", self.schema().label);
            return Err(Failed::new(Exit::Usage, message));
        };
        if self.wanted.iter().any(|wanted| wanted.index == index) {
            let message = format!("{} and --generate both give it a value. Leave one of them away.", self.flag(index));
            return Err(Failed::new(Exit::Usage, message));
        }
        self.wanted.push(Wanted { index, key: None, source: Source::Generate(length) });
        Ok(())
    }

    fn check_input_once(&self) -> Result<(), Failed> {
        let from_input =
            self.wanted.iter().filter(|wanted| matches!(wanted.source, Source::Input | Source::Descriptor(0)));
        if from_input.count() > 1 {
            let message = "standard input gives one secret, not several. Use @FILE or fd:N for the others.";
            return Err(Failed::new(Exit::Usage, message));
        }
        Ok(())
    }

    fn remove_pair(&mut self, key: &str) -> Result<(), Failed> {
        let no_pair =
            || Failed::new(Exit::NotFound, format!("--remove-pair: there is no pair {key:?}. See strongroom show."));
        let index = self.schema().fields.iter().position(|field| field.input == Input::Pairs).ok_or_else(no_pair)?;
        let row = self.row_of(index, key).ok_or_else(no_pair)?;
        self.form.remove_row(index, row);
        Ok(())
    }

    /// Reads and asks for what is secret, and what is required and was not given.
    ///
    /// # Errors
    /// When it cannot be had.
    pub(in crate::cli::secrets) fn read(mut self) -> Result<Self, Failed> {
        for Wanted { index, key, source } in std::mem::take(&mut self.wanted) {
            let label = key.clone().unwrap_or_else(|| self.form.label(index).to_owned());
            let (file_name, bytes) = source.read(&label, &self.flag(index))?;
            self.check_not_empty(index, key.as_deref(), &source, &bytes)?;
            self.put(index, key.as_deref(), &source, file_name.as_deref(), bytes);
        }
        let missing: Vec<usize> = self.form.visible().filter(|index| self.is_missing(*index)).collect();
        for index in missing {
            let (_, bytes) = Source::Prompt.read(self.form.label(index), &self.flag(index))?;
            self.put(index, None, &Source::Prompt, None, bytes);
        }
        Ok(self)
    }

    /// What was named for a value has to hold one; of files the form says so.
    fn check_not_empty(
        &self,
        index: usize,
        key: Option<&str>,
        from: &Source,
        bytes: &SecretBytes,
    ) -> Result<(), Failed> {
        let is_empty = matches!(bytes.expose(), b"" | b"\n" | b"\r\n");
        if !is_empty || holds(self.spec(index)) != Holds::Text {
            return Ok(());
        }
        let key = key.map_or(String::new(), |key| format!(" {key}"));
        let message = format!("{}{key}: {} is empty. Put the value there.", self.flag(index), from.name());
        Err(Failed::new(Exit::Usage, message))
    }

    /// Whether a new secret lacks the value of this field, which can be typed.
    fn is_missing(&self, index: usize) -> bool {
        let is_new = matches!(self.form.mode(), Mode::Register);
        let content = self.form.field(index).map(FieldState::content);
        is_new && self.spec(index).required && matches!(content, Some(Content::Secret(value)) if value.is_empty())
    }

    fn put(&mut self, index: usize, key: Option<&str>, source: &Source, file_name: Option<&str>, bytes: SecretBytes) {
        match (self.spec(index).input, key) {
            (Input::Pairs, Some(key)) => self.put_pair(index, key, without_line_break(bytes)),
            (Input::CertificateFile | Input::PrivateKeyFile | Input::AnyFile, _) if *source == Source::Nothing => {
                self.form.clear_file(index);
            }
            (Input::CertificateFile | Input::PrivateKeyFile | Input::AnyFile, _) => {
                // What is wrong with it stands beside the field then.
                let _ = self.form.load_file(index, file_name, bytes);
            }
            _ => {
                if let Some(secret) = self.form.secret_mut(index) {
                    *secret = without_line_break(bytes);
                }
            }
        }
    }

    fn put_pair(&mut self, index: usize, key: &str, value: SecretBytes) {
        let is_edit = matches!(self.form.mode(), Mode::Edit(_));
        let known = if is_edit { self.row_of(index, key) } else { None };
        let row = known.or_else(|| self.blank_row(index)).or_else(|| self.form.add_row(index));
        let Some(row) = row else { return };
        self.form.set_row_key(index, row, key);
        if let Some(stored) = self.form.row_value_mut(index, row) {
            *stored = value;
        }
    }

    fn row_of(&self, index: usize, key: &str) -> Option<usize> {
        match self.form.field(index)?.content() {
            Content::Pairs(rows) => rows.iter().position(|row| row.key() == key),
            _ => None,
        }
    }

    fn blank_row(&self, index: usize) -> Option<usize> {
        match self.form.field(index)?.content() {
            Content::Pairs(rows) => rows.iter().position(Row::is_blank),
            _ => None,
        }
    }

    /// The secret to be registered.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in crate::cli::secrets) fn draft(mut self, now: Timestamp) -> Result<Draft, Failed> {
        self.check_files()?;
        let draft = self.form.draft(now);
        self.tell_warnings(now);
        draft.ok_or_else(|| self.errors().unwrap_or_else(unexpected))
    }

    /// The change to be made.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in crate::cli::secrets) fn change(mut self, now: Timestamp) -> Result<Change, Failed> {
        self.check_files()?;
        let change = self.form.change(now);
        self.tell_warnings(now);
        change.ok_or_else(|| self.errors().unwrap_or_else(unexpected))
    }

    /// A file that could not be read leaves its error beside the field, which a check of the whole form would replace.
    fn check_files(&self) -> Result<(), Failed> {
        self.errors().map_or(Ok(()), Err)
    }

    fn tell_warnings(&self, now: Timestamp) {
        let warnings = self.form.visible().flat_map(|index| self.form.warnings(index, now));
        warnings.for_each(|warning| output::remark(&format!("Warning: {warning}")));
    }

    /// What is wrong, by flag, one in a line.
    fn errors(&self) -> Option<Failed> {
        let wrong: Vec<(usize, &FieldError)> =
            self.form.visible().filter_map(|index| Some((index, self.form.field(index)?.error()?))).collect();
        let exit = if wrong.iter().any(|(index, error)| is_usage(self.spec(*index), error)) {
            Exit::Usage
        } else {
            Exit::Failure
        };
        let lines: Vec<String> = wrong.iter().map(|(index, error)| self.in_words(*index, error)).collect();
        (!lines.is_empty()).then(|| Failed::new(exit, lines.join(" ")))
    }

    fn in_words(&self, index: usize, error: &FieldError) -> String {
        let flag = self.flag(index);
        match (self.form.field(index).map(FieldState::content), error) {
            (Some(Content::Pairs(rows)), FieldError::Row { row, cause }) => {
                format!("{flag} {}: {cause}", rows.get(*row).map_or("", |row| row.key()))
            }
            // On a screen nothing at all is never, too.
            (_, FieldError::Date(DateError::Unreadable)) => {
                format!("{flag}: Write a date such as 2027-01-31, a period (+90d, +2w, +6m, +1y), or never.")
            }
            (_, FieldError::Date(DateError::TooFar)) => {
                format!("{flag}: Choose a day before the year 10000, or never.")
            }
            _ => format!("{flag}: {error}"),
        }
    }

    /// How messages call the field.
    fn flag(&self, index: usize) -> String {
        let spec = self.spec(index);
        flag(spec).map_or_else(|| spec.label.to_owned(), |flag| format!("--{flag}"))
    }
}

/// What the field's flag is about.
fn holds(spec: &Field) -> Holds {
    match spec.input {
        Input::CertificateFile => Holds::PublicFile,
        Input::PrivateKeyFile | Input::AnyFile => Holds::SecretFile,
        _ => Holds::Text,
    }
}

/// Whether the field's flag takes a source.
fn takes_secret(spec: &Field) -> bool {
    spec.secret || spec.input == Input::CertificateFile
}

/// Whether it can be seen in the command line.
fn is_usage(spec: &Field, error: &FieldError) -> bool {
    !takes_secret(spec) || matches!(error, FieldError::Required(_))
}
