//! Where ratatui draws: a frame becomes one write, within a synchronized update.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::encoder::Encoder;

/// What takes the frames: a terminal, or in tests anything with a size.
pub trait Output: Write {
    /// Columns and rows.
    ///
    /// # Errors
    /// When the size cannot be asked for.
    fn size(&self) -> io::Result<Size>;
}

/// A ratatui backend that sends the least it can, in one write per frame.
///
/// Nothing is written before [`Backend::flush`], and then only the difference to what the
/// terminal shows already. It knows the full screen only, no inline view.
pub struct FrameBackend<O> {
    output: O,
    encoder: Encoder,
    cursor: Position,
    cursor_shown: bool,
}

impl<O: Output> FrameBackend<O> {
    /// For an output that shows an empty screen with the cursor hidden, as it does after
    /// [`TerminalGuard::enter`](super::TerminalGuard::enter).
    ///
    /// # Errors
    /// When the size cannot be asked for.
    pub fn new(output: O) -> io::Result<Self> {
        let encoder = Encoder::new(output.size()?);
        Ok(Self { output, encoder, cursor: Position::ORIGIN, cursor_shown: false })
    }

    /// Sends bytes past the frame at once, such as a clipboard sequence, which neither moves the
    /// cursor nor changes the pen.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self, sequence: &[u8]) -> io::Result<()> {
        self.output.write_all(sequence)
    }

    /// To be called when the terminal was left and entered again, before
    /// [`Terminal::clear`](ratatui::Terminal::clear): nothing it showed can be relied on.
    pub fn forget(&mut self) {
        self.encoder.forget();
    }
}

impl<O: Output> Backend for FrameBackend<O> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        content.for_each(|(x, y, cell)| self.encoder.set(x, y, cell));
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor_shown = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor_shown = true;
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.encoder.clear(self.output.size()?);
        Ok(())
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        match region {
            ClearType::All => self.clear(),
            _ => Err(io::Error::new(io::ErrorKind::Unsupported, "only the whole screen can be cleared")),
        }
    }

    fn size(&self) -> io::Result<Size> {
        self.output.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.output.size()?, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.set_cursor(self.cursor_shown.then_some(self.cursor));
        let frame = self.encoder.frame();
        let written = if frame.is_empty() { Ok(()) } else { self.output.write_all(frame) };
        self.encoder.wipe();
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::style::{Color, Style};
    use ratatui::text::Line;

    /// Counts the writes, shows the bytes to a terminal parser.
    struct Recorder {
        size: Size,
        writes: Vec<usize>,
        screen: vt100::Parser,
    }

    impl Write for Recorder {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.writes.push(bytes.len());
            self.screen.process(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Output for Recorder {
        fn size(&self) -> io::Result<Size> {
            Ok(self.size)
        }
    }

    fn terminal(width: u16, height: u16) -> Terminal<FrameBackend<Recorder>> {
        let screen = super::super::encoder::vt(width, height);
        let output = Recorder { size: Size::new(width, height), writes: Vec::new(), screen };
        Terminal::new(FrameBackend::new(output).unwrap()).unwrap()
    }

    fn draw_list(terminal: &mut Terminal<FrameBackend<Recorder>>, selected: u16) {
        let draw = |frame: &mut ratatui::Frame<'_>| {
            for y in 0..frame.area().height {
                let text = format!("secret-{y:03}      API Key      2026-01-01      ● Active");
                let mark = Style::new().fg(if y == selected { Color::Cyan } else { Color::Reset });
                frame.buffer_mut().set_line(2, y, &Line::raw(text), 110);
                frame.buffer_mut().set_string(0, y, if y == selected { "▌" } else { " " }, mark);
                frame.buffer_mut().set_style(ratatui::layout::Rect::new(2, y, 10, 1), mark);
            }
        };
        terminal.draw(draw).unwrap();
    }

    #[test]
    fn a_frame_is_one_write_and_no_change_is_none() {
        let mut terminal = terminal(120, 40);
        draw_list(&mut terminal, 0);
        draw_list(&mut terminal, 0);
        let writes = &terminal.backend().output.writes;
        assert_eq!(writes.len(), 1, "{writes:?}");
        assert!(writes[0] <= 4500, "{writes:?}");
    }

    #[test]
    fn moving_the_selection_stays_within_the_budget() {
        let mut terminal = terminal(120, 40);
        draw_list(&mut terminal, 20);
        draw_list(&mut terminal, 21);
        assert!(terminal.backend().output.writes[1] <= 190, "{:?}", terminal.backend().output.writes);
    }

    #[test]
    fn a_typed_character_stays_within_the_budget() {
        let mut terminal = terminal(120, 40);
        for typed in ["secre", "secret"] {
            let draw = |frame: &mut ratatui::Frame<'_>| {
                frame.buffer_mut().set_string(10, 10, typed, Style::new().fg(Color::Yellow));
                frame.set_cursor_position((10 + typed.len() as u16, 10));
            };
            terminal.draw(draw).unwrap();
        }
        assert!(terminal.backend().output.writes[1] <= 24, "{:?}", terminal.backend().output.writes);
        assert_eq!(terminal.backend().output.screen.screen().cursor_position(), (10, 16));
    }

    #[test]
    fn a_resize_draws_everything_again() {
        let mut terminal = terminal(40, 10);
        draw_list(&mut terminal, 0);
        let output = &mut terminal.backend_mut().output;
        output.size = Size::new(60, 12);
        output.screen = super::super::encoder::vt(60, 12);
        output.screen.process(b"rubbish from before the resize");
        draw_list(&mut terminal, 3);
        let shown = terminal.backend().output.screen.screen().contents();
        assert_eq!(shown.lines().count(), 12);
        assert!(shown.lines().nth(3).unwrap().starts_with("▌ secret-003"), "{shown}");
        assert!(!shown.contains("rubbish"));
    }
}
