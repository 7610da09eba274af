//! The screens. `Event → Cmd → App::update → Effect → door → Response → App::update → render(&App)`.
//!
//! * [`app`] is the state and how it changes; [`layer`] says what a screen or a dialog is.
//! * [`screens`], [`modals`] and [`widgets`] are what one sees; [`theme`] and [`text`] how.
//! * [`keymap`] is data: the footer, the help page and the palette come from it.
//! * [`terminal`], [`input`] and [`signals`] touch the real terminal; [`runtime`] ties all together.
//! * [`harness`] types keys at the app without a terminal and compares frames; [`svg`] turns a frame into a picture.

pub mod app;
mod changes;
mod fuzzy;
pub mod harness;
pub mod input;
pub mod keymap;
pub mod layer;
pub mod modals;
pub mod runtime;
pub mod screens;
pub mod signals;
pub mod svg;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod widgets;
pub mod words;
