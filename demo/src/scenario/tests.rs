//! The engine as a whole, over the region's own port.

mod files;
mod levers;
mod play;
mod player;
mod storm;
mod watching;
