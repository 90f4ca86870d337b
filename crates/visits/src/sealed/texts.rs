//! A column of texts, each kept once however often it comes.

use std::collections::HashMap;

use ahash::RandomState;
use bytes::Bytes;

use super::coded::Coded;
use super::encode::Values;

/// A value for each row, or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    /// Which of the values; 0 is none.
    rows: Vec<u32>,
    values: Vec<Bytes>,
    known: HashMap<Bytes, u32, RandomState>,
}

impl Texts {
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.values.clear();
        self.known.clear();
    }

    pub(crate) fn push(&mut self, text: Option<&[u8]>) {
        let row = text.map_or(0, |text| match self.known.get(text) {
            Some(known) => *known,
            None => self.learn(Bytes::copy_from_slice(text)),
        });
        self.rows.push(row);
    }

    /// The same as a file has them.
    pub(crate) fn of(coded: &Coded) -> Self {
        let mut texts = Self::default();
        let mut learned = vec![0; coded.values().len() + 1];
        for code in coded.rows() {
            let row = &mut learned[*code as usize];
            if let (0, Some(text)) = (*row, coded.value(*code)) {
                *row = texts.known.get(text).copied().unwrap_or_else(|| texts.learn(Bytes::copy_from_slice(text)));
            }
            texts.rows.push(*row);
        }
        texts
    }

    /// The value of a row.
    pub(crate) fn get(&self, place: usize) -> Option<&Bytes> {
        self.values.get((self.rows[place] as usize).checked_sub(1)?)
    }

    /// For each value its place among all of them in their order; what is absent comes behind.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.values.len() as u32).collect();
        order.sort_unstable_by(|one, other| self.values[*one as usize].cmp(&self.values[*other as usize]));
        let mut ranks = vec![u32::MAX; self.values.len() + 1];
        order.into_iter().zip(0..).for_each(|(value, rank)| ranks[value as usize + 1] = rank);
        ranks
    }

    /// The rank of a row's value.
    pub(crate) fn rank(&self, place: usize, ranks: &[u32]) -> u32 {
        ranks[self.rows[place] as usize]
    }

    /// Adds rows of another column, in this order.
    pub(crate) fn extend_from(&mut self, others: &Self, places: impl Iterator<Item = usize>) {
        let mut learned = vec![0; others.values.len() + 1];
        for place in places {
            let theirs = others.rows[place] as usize;
            if theirs > 0 && learned[theirs] == 0 {
                let value = &others.values[theirs - 1];
                learned[theirs] = self.known.get(value).copied().unwrap_or_else(|| self.learn(value.clone()));
            }
            self.rows.push(learned[theirs]);
        }
    }

    /// Some of the rows, in this order, as they are written. What is left in `learned` is of use to the next.
    pub(crate) fn part(&self, places: &[usize], learned: &mut Vec<u32>) -> Values<'_> {
        if learned.len() <= self.values.len() {
            learned.resize(self.values.len() + 1, 0);
        }
        let mut values: Vec<&[u8]> = Vec::new();
        let code = |place: &usize| {
            let row = self.rows[*place] as usize;
            if row > 0 && learned[row] == 0 {
                values.push(&self.values[row - 1]);
                learned[row] = values.len() as u32;
            }
            learned[row]
        };
        let rows = places.iter().map(code).collect();
        places.iter().for_each(|place| learned[self.rows[*place] as usize] = 0);
        Values { values, rows }
    }

    /// How many rows have such a value.
    pub(crate) fn count(&self, is_such: impl Fn(&[u8]) -> bool) -> u64 {
        let such: Vec<bool> = self.values.iter().map(|value| is_such(value)).collect();
        self.rows.iter().filter(|row| **row > 0 && such[**row as usize - 1]).count() as u64
    }

    /// Gives the values of some rows another form, or none.
    pub(crate) fn change(&mut self, is_meant: impl Fn(usize) -> bool, form: impl Fn(&[u8]) -> Option<Bytes>) {
        let mut learned: Vec<Option<u32>> = vec![None; self.values.len()];
        let mut rows = std::mem::take(&mut self.rows);
        for (_, row) in rows.iter_mut().enumerate().filter(|(place, row)| **row > 0 && is_meant(*place)) {
            let old = *row as usize - 1;
            *row = match learned[old] {
                Some(new) => new,
                None => {
                    let new = form(&self.values[old]).map_or(0, |value| match self.known.get(&value) {
                        Some(known) => *known,
                        None => self.learn(value),
                    });
                    learned[old] = Some(new);
                    new
                }
            };
        }
        self.rows = rows;
    }

    fn learn(&mut self, value: Bytes) -> u32 {
        self.values.push(value.clone());
        // There are fewer values than rows, and fewer rows in a file than this can count.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.known.insert(value, number);
        number
    }
}

impl<'t> FromIterator<Option<&'t [u8]>> for Texts {
    fn from_iter<I: IntoIterator<Item = Option<&'t [u8]>>>(texts: I) -> Self {
        let mut column = Self::default();
        texts.into_iter().for_each(|text| column.push(text));
        column
    }
}
