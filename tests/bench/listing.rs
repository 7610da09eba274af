//! What a key costs in the listing: `cargo bench --bench listing`.

#[path = "../support/mod.rs"]
mod support;

use divan::{Bencher, black_box};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const TERMINAL: (u16, u16) = (120, 40);

fn main() {
    divan::main();
}

/// One arrow key and the frame that follows, into memory.
#[divan::bench(args = SIZES)]
fn navigation_key(bencher: Bencher<'_, '_>, count: usize) {
    let mut harness = support::listing(count, TERMINAL);
    bencher.bench_local(|| {
        harness.press("Down");
        black_box(harness.buffer())
    });
}

/// The first letter of a find, which looks at every name, and the frame that follows.
#[divan::bench(args = SIZES)]
fn find_first_letter(bencher: Bencher<'_, '_>, count: usize) {
    let mut harness = support::listing(count, TERMINAL);
    harness.press("/");
    bencher.bench_local(|| {
        harness.press("d");
        black_box(harness.buffer());
        harness.press("Backspace");
    });
}

/// The second letter of a find, which looks among what the first has found. The letter is taken back outside the
/// time that counts.
#[divan::bench(args = SIZES)]
fn find_second_letter(bencher: Bencher<'_, '_>, count: usize) {
    let harness = std::cell::RefCell::new(support::listing(count, TERMINAL));
    harness.borrow_mut().press("/");
    bencher
        .with_inputs(|| {
            harness.borrow_mut().press("Backspace Backspace d");
        })
        .bench_local_values(|()| {
            let mut harness = harness.borrow_mut();
            harness.press("e");
            black_box(harness.buffer())
        });
}
