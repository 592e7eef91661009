//! Numbers of texts by their addresses: the texts of a plan are the same allocations every time.

/// How many addresses are remembered.
const SLOTS: usize = 128;

/// The addresses that came last, each in the slot that its bits name. Whoever notes an address keeps what stands there alive, so that
/// nothing else comes to stand there.
#[derive(Debug)]
pub(crate) struct Recent(Box<[(usize, u32)]>);

impl Default for Recent {
    fn default() -> Self {
        // Nothing stands at the address 0.
        Recent(vec![(0, 0); SLOTS].into())
    }
}

impl Recent {
    /// The number that was noted of an address, unless another one has taken its slot.
    #[inline]
    pub(crate) fn get<T: ?Sized>(&self, text: *const T) -> Option<u32> {
        let address = text.cast::<u8>() as usize;
        self.0.get(slot(address)).filter(|(noted, _)| *noted == address).map(|(_, number)| *number)
    }

    /// Notes the number of an address, and returns it.
    pub(crate) fn note<T: ?Sized>(&mut self, text: *const T, number: u32) -> u32 {
        let address = text.cast::<u8>() as usize;
        if let Some(place) = self.0.get_mut(slot(address)) {
            *place = (address, number);
        }
        number
    }
}

fn slot(address: usize) -> usize {
    ((address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - SLOTS.ilog2())) as usize
}
