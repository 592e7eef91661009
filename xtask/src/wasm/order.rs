//! The order of a module's functions: each beside those that it is like.
//!
//! What compresses a download looks back over some tens of kilobytes. Functions that generic code was written out to, one for
//! each type, are alike but come from everywhere; put together they take a thirtieth less.

use std::collections::{HashMap, VecDeque};

/// So many bytes in a row are worth looking back for.
const RUN: usize = 6;
/// How far back gzip looks.
const WINDOW: usize = 32 << 10;

const IMPORTS: u8 = 2;
const CODE: u8 = 10;
const CUSTOM: u8 = 0;

/// The module with other names: each function is called by its place in the best order, so that sorting by name brings it there.
pub(super) fn number(module: &[u8]) -> Result<Vec<u8>, String> {
    parse(module)
        .ok_or_else(|| "this is no WebAssembly module, or one with parts that are not known here".to_owned())
}

fn parse(module: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader(module);
    let mut out = reader.take(8)?.to_vec();
    let (mut imported, mut bodies) = (0, Vec::new());
    while !reader.0.is_empty() {
        let before = reader.0;
        let id = reader.byte()?;
        let section = reader.sized()?;
        match id {
            IMPORTS => imported = imported_functions(section)?,
            CODE => bodies = items(section)?,
            CUSTOM if Reader(section).sized()? == b"name" => continue,
            _ => {}
        }
        out.extend_from_slice(before.get(..before.len() - reader.0.len())?);
    }
    let mut places = vec![0; bodies.len()];
    for (place, function) in order(&bodies).into_iter().enumerate() {
        places[function] = place;
    }
    let mut names = Vec::new();
    write_number(&mut names, places.len());
    for (function, place) in places.iter().enumerate() {
        write_number(&mut names, imported + function);
        write_sized(&mut names, format!("{place:08}").as_bytes());
    }
    let mut section = Vec::new();
    write_sized(&mut section, b"name");
    section.push(1); // of functions
    write_sized(&mut section, &names);
    out.push(CUSTOM);
    write_sized(&mut out, &section);
    Some(out)
}

/// The functions in an order in which each has much in common with those shortly before it: always the one of which the
/// greatest part stands there already.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let mut ids: HashMap<&[u8], u32> = HashMap::new();
    // The runs of each function, and the functions of each run.
    let mut runs: Vec<Vec<u32>> = Vec::new();
    let mut holders: Vec<Vec<u32>> = Vec::new();
    for (function, body) in (0..).zip(bodies) {
        let mut own = Vec::new();
        for run in body.windows(RUN) {
            let next = holders.len() as u32;
            let id = *ids.entry(run).or_insert(next);
            if id == next {
                holders.push(Vec::new());
            }
            let holders = &mut holders[id as usize];
            if holders.last() != Some(&function) {
                holders.push(function);
                own.push(id);
            }
        }
        runs.push(own);
    }
    // Of each function how many of its runs stand in the window, and of each run how often it does.
    let mut known = vec![0_i32; bodies.len()];
    let mut times = vec![0_u32; holders.len()];
    let weights: Vec<f64> = bodies.iter().map(|body| ((body.len() + 16) as f64).powf(0.8)).collect();
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    let (mut window, mut bytes) = (VecDeque::new(), 0);
    let worth = |known: &[i32], function: usize| f64::from(known[function]) / weights[function];
    while let Some(at) =
        (0..left.len()).rev().max_by(|a, b| worth(&known, left[*a]).total_cmp(&worth(&known, left[*b])))
    {
        let function = left.remove(at);
        order.push(function);
        window.push_back(function);
        bytes += bodies[function].len();
        for run in &runs[function] {
            times[*run as usize] += 1;
            if times[*run as usize] == 1 {
                holders[*run as usize].iter().for_each(|holder| known[*holder as usize] += 1);
            }
        }
        while bytes > WINDOW && window.len() > 1 {
            let Some(gone) = window.pop_front() else { break };
            bytes -= bodies[gone].len();
            for run in &runs[gone] {
                times[*run as usize] -= 1;
                if times[*run as usize] == 0 {
                    holders[*run as usize].iter().for_each(|holder| known[*holder as usize] -= 1);
                }
            }
        }
    }
    order
}

/// The bodies in the section of code.
fn items(section: &[u8]) -> Option<Vec<&[u8]>> {
    let mut reader = Reader(section);
    (0..reader.number()?).map(|_| reader.sized()).collect()
}

/// How many of the imports are functions.
fn imported_functions(section: &[u8]) -> Option<usize> {
    let mut reader = Reader(section);
    let mut functions = 0;
    for _ in 0..reader.number()? {
        let (_module, _name) = (reader.sized()?, reader.sized()?);
        match reader.byte()? {
            0 => {
                reader.number()?;
                functions += 1;
            }
            1 => {
                reader.byte()?;
                reader.limits()?;
            }
            2 => reader.limits()?,
            3 => drop(reader.take(2)?),
            _ => return None,
        }
    }
    Some(functions)
}

struct Reader<'m>(&'m [u8]);

impl<'m> Reader<'m> {
    fn take(&mut self, count: usize) -> Option<&'m [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A number in LEB128.
    fn number(&mut self) -> Option<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    /// Bytes behind their number.
    fn sized(&mut self) -> Option<&'m [u8]> {
        let size = self.number()?;
        self.take(size)
    }

    /// How large a table or memory may be.
    fn limits(&mut self) -> Option<()> {
        let bounded = self.byte()? & 1 == 1;
        self.number()?;
        if bounded {
            self.number()?;
        }
        Some(())
    }
}

fn write_number(out: &mut Vec<u8>, mut number: usize) {
    while number > 127 {
        out.push(number as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

fn write_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A section of so few bytes that one says how many.
    fn section(id: u8, bytes: &[u8]) -> Vec<u8> {
        [&[id, bytes.len() as u8], bytes].concat()
    }

    #[test]
    fn what_is_alike_stands_together() {
        let (a, b) = (b"the quick brown fox".as_slice(), b"jumps over a lazy dog".as_slice());
        let order = order(&[a, b, &a[3..], &b[2..], b""]);
        let place = |function: usize| order.iter().position(|at| *at == function).unwrap();
        assert_eq!((place(0).abs_diff(place(2)), place(1).abs_diff(place(3))), (1, 1));
    }

    #[test]
    fn each_function_is_called_by_its_place_and_all_else_stays() {
        let head = b"\0asm\x01\0\0\0";
        let imports = section(IMPORTS, b"\x02\x01m\x01f\0\0\x01m\x01t\x01\x70\x01\x01\x02");
        let code = section(CODE, b"\x03\x08abcdefgh\x09zyxwvutsr\x08abcdefg!");
        let old = section(CUSTOM, b"\x04name\x01\x02\0\0");
        let named = number(&[&head[..], &imports, &old, &code].concat()).unwrap();
        let kept = [&head[..], &imports, &code].concat();
        assert_eq!(named.get(..kept.len()).unwrap(), kept);
        let names = String::from_utf8_lossy(&named[kept.len()..]).into_owned();
        assert!(names.contains("\u{1}\u{8}00000000") && names.contains("\u{3}\u{8}00000001"), "{names:?}");
        assert!(number(b"\0asm\x01\0\0\0\x0A\x7F").is_err());
    }
}
