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

/// Whether some name is what both patterns say.
pub(super) fn can_agree(one: &[u8], other: &[u8]) -> bool {
    // Whether the rest of `one` and the rest of `other`, from each place of it on, can agree.
    let stars = |rest: &[u8]| rest.iter().all(|byte| *byte == b'*');
    let mut agree: Vec<bool> = (0..=other.len()).map(|at| stars(&other[at..])).collect();
    for from in (0..one.len()).rev() {
        let byte = one[from];
        let mut next: Vec<bool> = vec![false; other.len() + 1];
        next[other.len()] = stars(&one[from..]);
        for at in (0..other.len()).rev() {
            // A star leaves what stands opposite, or takes it; two stars come to the same.
            let is_star = byte == b'*' || other[at] == b'*';
            next[at] = if is_star { agree[at] || next[at + 1] } else { byte == other[at] && agree[at + 1] };
        }
        agree = next;
    }
    agree[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{can_agree, is_like};

    /// Every name of these letters that is no longer.
    fn names(letters: &[u8], length_max: usize) -> Vec<Vec<u8>> {
        let mut names = vec![Vec::new()];
        let mut newest = names.clone();
        for _ in 0..length_max {
            newest = newest.iter().flat_map(|name| letters.iter().map(|letter| [&name[..], &[*letter]].concat())).collect();
            names.extend(newest.iter().cloned());
        }
        names
    }

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

        /// Two patterns of so few letters that agree at all agree on a name that is no longer than both together.
        #[test]
        fn two_patterns_agree_where_a_name_is_what_both_say(one in "[ab*]{0,4}", other in "[ab*]{0,4}") {
            let agrees = names(b"ab", 8).iter().any(|name| is_like(one.as_bytes(), name) && is_like(other.as_bytes(), name));
            prop_assert_eq!(can_agree(one.as_bytes(), other.as_bytes()), agrees);
        }
    }
}
