//! Every screen, dialog and error state as a frame, at 80×24 and 120×40, with its styles.
//!
//! `INSTA_UPDATE=always cargo test --test screens` accepts the frames, `STRONGROOM_REWRITE=1` draws the
//! pictures anew: read the difference before committing either.

mod scenes;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use scenes::{Scene, all};
use strongroom::tui::svg;

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// The pictures that the README and the repository show.
const PICTURES: [(&str, (u16, u16)); 29] = [
    ("listing", (120, 40)),
    ("listing", (80, 24)),
    ("find", (80, 24)),
    ("detail", (80, 24)),
    ("detail-certificate", (80, 24)),
    ("choose-type", (80, 24)),
    ("form", (80, 24)),
    ("form-errors", (80, 24)),
    ("delete", (80, 24)),
    ("palette", (80, 24)),
    ("wizard-recovery", (80, 24)),
    ("unlock-wrong", (80, 24)),
    ("conflict", (80, 24)),
    ("unfinished", (80, 24)),
    ("applications", (80, 24)),
    ("application-form-filled", (80, 24)),
    ("detail-applied", (80, 24)),
    ("deactivate-applied", (80, 24)),
    ("audit", (120, 40)),
    ("members", (80, 24)),
    ("invited", (80, 24)),
    ("accepted", (80, 24)),
    ("admit", (80, 24)),
    ("member", (80, 24)),
    ("matrix", (80, 24)),
    ("remove-member", (80, 24)),
    ("rotate", (80, 24)),
    ("not-permitted", (80, 24)),
    ("listing-personal", (120, 40)),
];

fn scene(name: &str) -> &'static Scene {
    all().find(|scene| scene.name == name).unwrap_or_else(|| panic!("no scene is called {name}"))
}

#[test]
fn every_scene_looks_as_it_was_accepted() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for scene in all() {
            for (columns, rows) in SIZES {
                let harness = scene.play(columns, rows);
                insta::assert_snapshot!(format!("{}-{columns}x{rows}", scene.name), harness.snapshot());
            }
        }
    });
}

#[test]
fn no_scene_panics_on_a_terminal_of_any_size() {
    for scene in all() {
        let mut harness = scene.play(80, 24);
        for (columns, rows) in [(40, 10), (1, 1), (60, 16), (200, 5), (20, 60), (80, 24)] {
            harness.resize(columns, rows);
            harness.buffer();
        }
    }
}

#[test]
fn scenes_have_names_of_their_own() {
    let mut seen = HashSet::new();
    all().for_each(|scene| assert!(seen.insert(scene.name), "{} is there twice", scene.name));
}

#[test]
fn the_pictures_are_drawn_from_these_frames() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    for (name, (columns, rows)) in PICTURES {
        let drawn = svg::draw(&scene(name).play(columns, rows).buffer());
        let path = folder.join(format!("{name}-{columns}x{rows}.svg"));
        if std::env::var_os("STRONGROOM_REWRITE").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, drawn).unwrap();
            continue;
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == drawn, "{} is not what the program draws: STRONGROOM_REWRITE=1 draws it anew", path.display());
    }
}
