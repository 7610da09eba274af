//! What the operating system answers, as a person reads it.

use std::io;

/// The answer in words, without the number that the system has for it: `permission denied`.
pub fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(words, _)| words).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_left() {
        assert_eq!(in_words(&io::Error::from_raw_os_error(13)), "permission denied");
        assert_eq!(in_words(&io::Error::other("Odd")), "odd");
    }
}
