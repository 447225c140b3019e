//! The engine as a whole, over the region's own port.
