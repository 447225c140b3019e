//! What the tests stand on: the binary under test, the servers it talks to, and the terminal it draws on.

pub mod accounts;
pub mod binary;
pub mod child_output;
pub mod desk;
pub mod emulator;
pub mod fault_proxy;
pub mod home;
pub mod http;
pub mod key_holder;
pub mod markdown;
pub mod moving;
pub mod peak_memory;
pub mod picture;
pub mod python;
pub mod referee;
pub mod region;
pub mod session;
pub mod settings;
pub mod table;
pub mod terminal;
pub mod wire;
