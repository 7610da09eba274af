use proptest::prelude::*;

use super::*;

const HOLD: Duration = Duration::from_millis(30);

/// Feeds pieces, a millisecond apart, and lets the time pass.
fn feed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut decoder = Decoder::new(HOLD);
    let mut now = Instant::now();
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(decoder.take(piece, now));
        now += Duration::from_millis(1);
    }
    out.extend(decoder.expire(now + PASTE_PATIENCE));
    assert_eq!(decoder.deadline(), None);
    out
}

fn one_by_one(text: &str) -> Vec<Event> {
    feed(text.as_bytes().chunks(1))
}

fn key(code: Code) -> Event {
    Event::Key(Key::plain(code))
}

fn keys(text: &str) -> Vec<Event> {
    text.chars().map(|c| if c == '\x1b' { key(Code::Esc) } else { key(Code::Char(c)) }).collect()
}

#[test]
fn single_bytes_are_keys() {
    assert_eq!(one_by_one("aZ~ "), keys("aZ~ "));
    let named = [Code::Tab, Code::Enter, Code::Backspace, Code::Enter, Code::Backspace].map(key);
    assert_eq!(one_by_one("\t\r\x7f\n\x08"), named, "whichever of the two Enter and Backspace send");
    let held = [Key::ctrl('c'), Key::ctrl(' '), Key::ctrl('z')].map(Event::Key);
    assert_eq!(one_by_one("\x03\0\x1a"), held);
}

#[test]
fn characters_are_whole_and_broken_ones_are_nothing() {
    assert_eq!(one_by_one("é…🔑"), keys("é…🔑"));
    assert_eq!(feed([b"\xc3x\xff\x80\xf0\x9f\x94a".as_slice()]), keys("xa"));
    assert_eq!(feed([b"\xed\xa0\x80\xf4\x9f\xbf\xbfb".as_slice()]), keys("b"), "surrogates, past the last");
}

#[test]
fn escape_alone_goes_out_when_its_time_is_over_and_not_before() {
    let mut decoder = Decoder::new(HOLD);
    let now = Instant::now();
    assert_eq!(decoder.take(b"\x1b", now), []);
    assert_eq!(decoder.deadline(), Some(now + HOLD));
    assert_eq!(decoder.expire(now + HOLD / 2), []);
    assert_eq!(decoder.expire(now + HOLD), [key(Code::Esc)]);
    assert_eq!(decoder.take(b"[", now + HOLD), [key(Code::Char('['))]);
}

#[test]
fn what_is_no_sequence_is_typed_text() {
    assert_eq!(one_by_one("\x1bx"), keys("\x1bx"));
    assert_eq!(one_by_one("\x1b[é"), keys("\x1b[é"));
    assert_eq!(one_by_one("\x1b\x1b"), keys("\x1b\x1b"));
    assert_eq!(one_by_one("\x1b\r"), [key(Code::Esc), key(Code::Enter)]);
    assert_eq!(one_by_one("\x1bP"), keys("\x1bP"));
}

#[test]
fn what_means_nothing_here_is_swallowed_whole() {
    for reply in [
        "\x1b[?62;22c",
        "\x1b[<0;10;20M",
        "\x1b[M !!",
        "\x1b[2 q",
        "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
        "\x1b]52;c;IA==\x07",
        "\x1bP1$r0m\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
        "\x1b^private\x18",
    ] {
        let around = format!("a{reply}b");
        assert_eq!(one_by_one(&around), keys("ab"), "{reply:?}");
        assert_eq!(feed([around.as_bytes()]), keys("ab"), "{reply:?}");
    }
    assert_eq!(one_by_one("\x1b[1\x1b[B"), [key(Code::Down)], "one that breaks off, too");
    assert_eq!(one_by_one("\x1b]11;rgb:\x1b[B"), [key(Code::Down)]);
    assert_eq!(one_by_one("\x1b[?62;"), [], "and one whose end never comes");
}

#[test]
fn a_sequence_in_two_packets_far_apart_is_still_one() {
    let mut decoder = Decoder::new(HOLD);
    let now = Instant::now();
    for (first, second) in [("\x1b[?62", ";22c"), ("\x1b]11;r", "gb:1/2/3\x07")] {
        assert_eq!(decoder.take(first.as_bytes(), now), []);
        assert_eq!(decoder.expire(now + 10 * HOLD), []);
        assert_eq!(decoder.take(second.as_bytes(), now + 10 * HOLD), []);
    }
    let endless = [b"\x1b]".as_slice(), &[b'x'; LONGEST_STRING + 1], b"y"].concat();
    assert_eq!(decoder.take(&endless, now), keys("y"), "but nobody waits for ever");
}

#[test]
fn escape_and_a_character_in_one_piece_is_alt() {
    let alt = |code| Event::Key(Key { alt: true, ..Key::plain(code) });
    let pressed = [Code::Char('b'), Code::Backspace, Code::Enter, Code::Char('é'), Code::Backspace].map(alt);
    assert_eq!(feed(["\x1bb\x1b\x7f\x1b\r\x1bé\x1b\x08".as_bytes()]), pressed);
    for begins_a_sequence in "[O]P_^".chars() {
        let sent = format!("\x1b{begins_a_sequence}");
        assert_eq!(feed([sent.as_bytes()]), [alt(Code::Char(begins_a_sequence))]);
        assert_eq!(one_by_one(&sent), keys(&sent));
    }
}

#[test]
fn a_paste_is_one_event_with_its_lines() {
    let sent = b"\x1b[200~a\rb\r\nc\nd\r\r\n\n\x1b[A";
    let pasted = Event::Paste(SecretBytes::from("a\nb\nc\nd\n\n\n\x1b[A"));
    let whole = [sent, PASTE_END].concat();
    assert_eq!(feed(whole.chunks(1)), std::slice::from_ref(&pasted));
    assert_eq!(feed([whole.as_slice()]), std::slice::from_ref(&pasted));
    assert_eq!(feed(sent.chunks(1)), [pasted, Event::PasteCut]);
}

#[test]
fn the_tail_of_a_paste_that_stood_still_is_no_keys() {
    let mut decoder = Decoder::new(HOLD);
    let start = Instant::now();
    let cut = start + PASTE_PATIENCE;
    assert_eq!(decoder.take(b"\x1b[200~hunter", start), []);
    assert_eq!(decoder.expire(cut), [Event::Paste(SecretBytes::from("hunter")), Event::PasteCut]);
    assert_eq!(decoder.deadline(), None, "and nobody is woken for it");
    assert_eq!(decoder.take(b"2\r\x1b\x1b[20", cut), []);
    assert_eq!(decoder.take(b"1~q", cut), keys("q"));
    assert_eq!(decoder.take(b"\x1b[200~", cut), []);
    assert_eq!(decoder.expire(cut + PASTE_PATIENCE).len(), 2);
    let late = cut + PASTE_PATIENCE + PASTE_REST;
    assert_eq!(decoder.take(b"x", late - HOLD), []);
    assert_eq!(decoder.take(b"x", late), keys("x"), "a terminal that sends no end is not lost");
}

#[test]
fn a_paste_without_end_is_bounded_and_its_end_still_found() {
    let mut decoder = Decoder::new(HOLD);
    let now = Instant::now();
    assert_eq!(decoder.take(b"\x1b[200~", now), []);
    for _ in 0..5 {
        assert_eq!(decoder.take(&vec![b'x'; 1 << 20], now), []);
    }
    let out = decoder.take(b"\x1b[201~q", now);
    let [Event::Paste(bytes), last] = out.as_slice() else { panic!("{out:?}") };
    assert!(bytes.len() <= LONGEST_PASTE && bytes.expose().iter().all(|b| *b == b'x'));
    assert_eq!(*last, key(Code::Char('q')));
}

/// What terminals send, and what they do not; none ends with an escape, for Alt is told from Esc by the piece alone.
const SENT: [&[u8]; 20] = [
    b"a",
    b"[",
    b"~",
    b"\r",
    b"\n",
    b"\x03",
    "é".as_bytes(),
    "🔑".as_bytes(),
    b"\xff\xe2\x80",
    b"\x1b[A",
    b"\x1bOP",
    b"\x1b[1;5C",
    b"\x1b[9",
    b"\x1b\x1b[B",
    b"\x1b[200~",
    b"\x1b[201~",
    b"\x1b[?62;22c",
    b"\x1b]11;rgb:1/2/3\x1b\\",
    b"\x1bP>|tty\x07",
    b"\x1b[M !~",
];

proptest! {
    #[test]
    fn pieces_do_not_matter(
        sent in prop::collection::vec(prop::sample::select(SENT.as_slice()), 0..20),
        cuts in prop::collection::vec(1_usize..6, 1..60),
    ) {
        let bytes = sent.concat();
        let mut rest = bytes.as_slice();
        let mut pieces = Vec::new();
        for cut in cuts {
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(feed(pieces), feed([bytes.as_slice()]));
    }
}
