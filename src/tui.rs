//! The console: one loop, one state, screens drawn from it.
//!
//! ```text
//! keys, mouse, ticks, replies -> Event -> update(&mut Model) -> Effects -> runtime -> ops
//!                                              |                              |
//!                                  settle, at most one draw          Reply{slot, ticket}
//! ```
//! `model`, `update` and `view` know the domain alone and can be driven by a test with keys and
//! values; `runtime` is the only part that knows terminals, tasks and [`crate::ops`].

pub mod action;
pub mod colour;
pub mod effect;
pub mod event;
pub mod key;
pub mod keymap;
pub mod model;
pub mod rows;
pub mod symbols;
pub mod theme;
pub mod update;
pub mod view;
