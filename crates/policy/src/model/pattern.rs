/// Whether a name is what a pattern says, in which `*` stands for any characters. Each `*` first takes nothing; where the rest does not fit, the last one takes one character more.
pub(super) fn is_like(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut last_star = None;
    while next < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                last_star = Some((at, next));
            }
            Some(byte) if *byte == name[next] => {
                at += 1;
                next += 1;
            }
            _ => match last_star {
                Some((after, from)) => {
                    at = after;
                    next = from + 1;
                    last_star = Some((after, next));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::is_like;

    /// The same question, answered the slow way.
    fn is_like_slowly(pattern: &[u8], name: &[u8]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((b'*', rest)) => (0..=name.len()).any(|taken| is_like_slowly(rest, &name[taken..])),
            Some((byte, rest)) => name.first() == Some(byte) && is_like_slowly(rest, &name[1..]),
        }
    }

    proptest! {
        #[test]
        fn a_pattern_means_what_it_says(pattern in "[ab*]{0,8}", name in "[ab]{0,12}") {
            prop_assert_eq!(is_like(pattern.as_bytes(), name.as_bytes()), is_like_slowly(pattern.as_bytes(), name.as_bytes()));
        }
    }
}
