//! Ids as both clouds make them, the same in every run of a scenario.

use fastrand::Rng;

/// Makes ids from a seed.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Ids {
    random: Rng,
    events: u64,
    nodes: u16,
}

impl Ids {
    pub(in crate::simulator) fn new(seed: u64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            events: 0,
            nodes: 0,
        }
    }

    /// 24 hex digits, as Atlas names everything.
    pub(in crate::simulator) fn object(&mut self) -> String {
        format!(
            "{:08x}{:016x}",
            self.random.u32(0x6600_0000..0x6aff_ffff),
            self.random.u64(..)
        )
    }

    /// The id of an event; counted, so that the ids of what is made don't depend on what happened.
    pub(in crate::simulator) fn event(&mut self) -> String {
        self.events += 1;
        format!("6a00e000{:016x}", self.events)
    }

    /// An address for each of a cluster's three nodes, out of the range that is kept for tests of networks.
    pub(in crate::simulator) fn nodes(&mut self) -> Vec<String> {
        std::iter::repeat_with(|| {
            self.nodes = self.nodes.wrapping_add(1);
            let [high, low] = self.nodes.to_be_bytes();
            format!("198.18.{high}.{low}")
        })
        .take(3)
        .collect()
    }

    /// A UUID of version 4: keys, external ids, request ids.
    pub(in crate::simulator) fn uuid(&mut self) -> String {
        let high = (self.random.u64(..) & !0xf000) | 0x4000;
        let low = (self.random.u64(..) >> 2) | (1 << 63);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// The id of a multi-Region key.
    pub(in crate::simulator) fn multi_region_key(&mut self) -> String {
        format!("mrk-{:032x}", self.random.u128(..))
    }

    /// The unique id of a principal: `AROA` and 17 letters or digits.
    pub(in crate::simulator) fn principal(&mut self, prefix: &str) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut id = prefix.to_owned();
        for _ in 0..17 {
            id.push(char::from(*self.random.choice(LETTERS).unwrap_or(&b'A')));
        }
        id
    }

    /// 32 letters and digits: nonces and tokens.
    pub(in crate::simulator) fn token(&mut self) -> String {
        std::iter::repeat_with(|| self.random.alphanumeric()).take(32).collect()
    }
}
