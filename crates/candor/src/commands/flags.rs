use std::path::PathBuf;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::config::{Configuration, Given, Place};

/// Every key of the configuration as a flag.
#[derive(Clone, Debug, Default)]
pub(super) struct ConfigurationFlags {
    pub(super) given: Vec<Given>,
}

impl Args for ConfigurationFlags {
    fn augment_args(command: Command) -> Command {
        Configuration::keys().fold(command, |command, key| {
            // clap keeps what it is given for as long as the program runs.
            let flag: &'static str = key.flag().leak();
            let mut help = key.about.trim_end_matches('.').to_owned();
            if !key.default.is_empty() {
                help.push_str(&format!(" [default: {}]", key.default));
            }
            help.push_str(&format!(" [env: {}]", key.variable()));
            command.arg(Arg::new(flag).long(flag).value_name("VALUE").help(help))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConfigurationFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.given = Configuration::keys()
            .filter_map(|key| {
                let flag = key.flag();
                let text = matches.get_one::<String>(&flag)?.clone();
                Some(Given { key: key.name, text, place: Place::Flag(flag) })
            })
            .collect();
        Ok(())
    }
}

/// The data folder, for the commands that touch it and do not serve.
#[derive(Args, Debug)]
pub(super) struct DataFlag {
    /// The data folder. A relative path starts at the site folder.
    #[arg(long = "data", id = "data-folder", value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl DataFlag {
    pub(super) fn given(&self) -> Vec<Given> {
        let text = self.folder.as_ref().map(|folder| folder.to_string_lossy().into_owned());
        text.map(|text| Given { key: "data".to_owned(), text, place: Place::Flag("data".to_owned()) }).into_iter().collect()
    }
}
