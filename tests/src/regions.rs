//! A region database of a story's own, written byte by byte as the MaxMind DB format 2.0 describes it.

use std::net::Ipv4Addr;

/// The bytes of a file that knows these IPv4 networks, written as `203.0.113.0/24`: the country of each, and perhaps its state.
pub fn region_database(places: &[(&str, &str, Option<&str>)]) -> Vec<u8> {
    let records: Vec<_> = places.iter().map(|(network, country, state)| (*network, record(country, *state))).collect();
    database("Story-City", &records)
}

/// One that knows networks but not where they are.
pub fn database_without_regions(network: &str) -> Vec<u8> {
    let record = [map(1), text("autonomous_system_organization"), text("Somebody")].concat();
    database("Story-ASN", &[(network, record)])
}

fn record(country: &str, state: Option<&str>) -> Vec<u8> {
    let code = |code: &str| [map(1), text("iso_code"), text(code)].concat();
    let mut record = [map(1 + u8::from(state.is_some())), text("country"), code(country)].concat();
    if let Some(state) = state {
        record.extend([text("subdivisions"), array(1), code(state)].concat());
    }
    record
}

/// The tree of networks, the records it leads to, and what the file says of itself.
fn database(kind: &str, records: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tree = Tree { nodes: vec![[Leads::Nowhere; 2]] };
    let mut data: Vec<u8> = Vec::new();
    for (network, record) in records {
        let (address, length) = network.split_once('/').expect("a network");
        let address: Ipv4Addr = address.parse().expect("an address");
        tree.insert(address.into(), length.parse().expect("a length"), data.len());
        data.extend(record);
    }
    let nodes = u32::try_from(tree.nodes.len()).expect("few nodes");
    let mut file = tree.written(nodes);
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let about = [
        map(9),
        [text("binary_format_major_version"), number(2)].concat(),
        [text("binary_format_minor_version"), number(0)].concat(),
        [text("build_epoch"), long(1_770_000_000)].concat(),
        [text("database_type"), text(kind)].concat(),
        [text("description"), map(1), text("en"), text("A story")].concat(),
        [text("ip_version"), number(4)].concat(),
        [text("languages"), array(1), text("en")].concat(),
        [text("node_count"), [&[0xc4], &nodes.to_be_bytes()[..]].concat()].concat(),
        [text("record_size"), number(24)].concat(),
    ];
    file.extend(about.concat());
    file
}

#[derive(Clone, Copy)]
enum Leads {
    Nowhere,
    To(usize),
    ToData(usize),
}

/// One node for each bit of an address that is told apart.
struct Tree {
    nodes: Vec<[Leads; 2]>,
}

impl Tree {
    fn insert(&mut self, address: u32, length: u32, data: usize) {
        let mut at = 0;
        for bit in 0..length {
            let side = (address >> (31 - bit) & 1) as usize;
            if bit + 1 == length {
                self.nodes[at][side] = Leads::ToData(data);
            } else if let Leads::To(next) = self.nodes[at][side] {
                at = next;
            } else {
                self.nodes.push([Leads::Nowhere; 2]);
                self.nodes[at][side] = Leads::To(self.nodes.len() - 1);
                at = self.nodes.len() - 1;
            }
        }
    }

    /// Two numbers of 24 bits a node: another node, the number of nodes for nothing, or what lies behind that for data.
    fn written(&self, count: u32) -> Vec<u8> {
        let number = |leads: &Leads| match leads {
            Leads::Nowhere => count,
            Leads::To(node) => u32::try_from(*node).expect("few nodes"),
            Leads::ToData(offset) => count + 16 + u32::try_from(*offset).expect("little data"),
        };
        self.nodes.iter().flatten().flat_map(|leads| number(leads).to_be_bytes().into_iter().skip(1)).collect()
    }
}

fn text(text: &str) -> Vec<u8> {
    match u8::try_from(text.len()).expect("a short text") {
        length @ 0..29 => [&[0x40 | length], text.as_bytes()].concat(),
        length => [&[0x40 | 29, length - 29], text.as_bytes()].concat(),
    }
}

fn map(pairs: u8) -> Vec<u8> {
    vec![0xe0 | pairs]
}

fn array(items: u8) -> Vec<u8> {
    vec![items, 0x04]
}

fn number(number: u8) -> Vec<u8> {
    vec![0xa1, number]
}

fn long(number: u64) -> Vec<u8> {
    [&[0x08, 0x02], &number.to_be_bytes()[..]].concat()
}
