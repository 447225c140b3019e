//! `cellgate completions` and `cellgate man`: made from the same definitions as the help.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Arguments;
use super::exit::CliError;
use super::output::print_text;

/// Prints the completion script for a shell.
///
/// # Errors
/// Where stdout can't be written.
pub fn completions(shell: Shell) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "cellgate", &mut script);
    print_text(&String::from_utf8_lossy(&script))
}

/// Prints the manual page, each command in a section of its own.
///
/// # Errors
/// Where stdout can't be written.
pub fn manual() -> Result<(), CliError> {
    let mut page = Vec::new();
    let mut command = Arguments::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        section(subcommand, &format!("cellgate {}", subcommand.get_name()), &mut page)?;
    }
    print_text(&String::from_utf8_lossy(&page))
}

fn section(command: &clap::Command, name: &str, page: &mut Vec<u8>) -> Result<(), CliError> {
    // The options for all commands stand at the top of the page, once.
    let own = command.clone().mut_args(|argument| {
        let everywhere = argument.is_global_set() || argument.get_id() == "help";
        argument.hide(everywhere)
    });
    let man = clap_mangen::Man::new(own);
    page.extend_from_slice(format!(".SH \"{}\"\n", name.to_uppercase().replace('-', "\\-")).as_bytes());
    man.render_description_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_options_section(page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        section(subcommand, &format!("{name} {}", subcommand.get_name()), page)?;
    }
    Ok(())
}
