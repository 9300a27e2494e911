//! What a file says, beside what the command line says.

use std::path::PathBuf;

use http_api::HttpConfig;

use super::*;
use crate::arguments::Serve;

/// A file with this text.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h5scout.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn line(path: &Path, flags: &[&str]) -> Vec<OsString> {
    let config = format!("--config={}", path.display());
    ["h5scout", "serve", &config].iter().chain(flags).map(OsString::from).collect()
}

/// `h5scout serve` with a file of this text, and `flags`.
fn serve(text: &str, flags: &[&str]) -> Serve {
    let (_folder, path) = file(text);
    let arguments = complete(&line(&path, flags)).unwrap().unwrap();
    let Command::Serve(serve) = arguments.command else { panic!() };
    *serve
}

fn http(serve: &Serve) -> HttpConfig {
    serve.http.config(serve.security.origins().unwrap(), serve.security.embedders().unwrap())
}

/// What is wrong with a file of this text.
fn problem(text: &str) -> String {
    let (_folder, path) = file(text);
    let error = complete(&line(&path, &[])).unwrap_err().to_string();
    error.strip_prefix(&format!("{}:", path.display())).unwrap().to_owned()
}

#[test]
fn a_key_means_what_its_flag_means() {
    let in_file = serve(
        "listen = '127.0.0.1:81'\nhead = \"64KiB\"\nmax-waves = 7\nlog-format = 'json'\n\
         request-timeout = '2s'\nbase-path = '/h5'\n\
         cors-origin = ['https://a', 'https://b']\nembed-origin = ['https://c']\ninsecure = true\n",
        &[],
    );
    let flags = [
        "--listen=127.0.0.1:81",
        "--head=64KiB",
        "--max-waves=7",
        "--log-format=json",
        "--request-timeout=2s",
        "--base-path=/h5",
        "--cors-origin=https://a,https://b",
        "--embed-origin=https://c",
        "--insecure",
    ];
    let on_line = serve("", &flags);
    assert_eq!(in_file.listen, on_line.listen);
    assert_eq!(in_file.engine.explorer(), on_line.engine.explorer());
    assert_eq!(in_file.engine.store().head_bytes, 64 << 10);
    assert_eq!(http(&in_file), http(&on_line));
    assert_eq!(in_file.log_format, on_line.log_format);
    let anywhere = "0.0.0.0:80".parse().unwrap();
    assert_eq!(in_file.security.refusal(anywhere), None);
    assert!(serve("insecure = false", &[]).security.refusal(anywhere).is_some());
}

#[test]
fn the_command_line_wins() {
    let serve = serve("head = '64KiB'\nwhole-file = '2MiB'", &["--head", "1KiB"]);
    let store = serve.engine.store();
    assert_eq!((store.head_bytes, store.whole_file_bytes), (1 << 10, 2 << 20));
}

#[test]
fn every_flag_that_is_no_question_of_its_own_is_a_key() {
    let keys = keys();
    for key in ["listen", "head", "cache-dir", "base-path", "log", "source", "sources"] {
        assert!(keys.iter().any(|known| known == key), "{key}");
    }
    for none in NO_KEYS {
        assert!(!keys.iter().any(|known| known == none), "{none}");
    }
    // The name of a flag's value is the flag's own: by it is found what the command line says.
    let command = Arguments::command();
    for flag in command.find_subcommand(COMMAND).unwrap().get_arguments() {
        let Some(long) = flag.get_long() else { continue };
        assert_eq!(flag.get_id().as_str(), long.replace('-', "_"));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, expected) in [
        ("listen = '127.0.0.1:81'\nhaed = 5", "2: there is no `haed`; did you mean `head`?"),
        (
            "request_timeout = 5",
            "1: there is no `request_timeout`; did you mean `request-timeout`?",
        ),
        ("xyzzy = 5", "1: there is no `xyzzy`; `h5scout serve --help` lists all flags"),
        ("config = 'x'", "1: there is no `config`; `h5scout serve --help` lists all flags"),
        ("\n\nlog-format = { a = 1 }", "3: `log-format` is a text, a number, true or false"),
        ("max-waves = 0x10", "1: `max-waves` is a text, a number, true or false"),
        (
            "[sources.Lab]\nurl = 'x'",
            "1: `Lab` cannot be the name of a source: 1 to 63 of a-z, 0-9, - and _, the first a letter or digit",
        ),
        ("[sources.lab]\nregion = 'x'", "1: source lab has no `url`"),
        (
            "[sources.lab]\nurl = 'x'\nendpont = 'y'",
            "3: there is no `endpont`; did you mean `endpoint`?",
        ),
        ("[sources.lab]\nurl = 5", "2: `url` is a text"),
        ("sources = 5", "1: `sources` is a table, as [sources.NAME]"),
        ("source = 'x'\n[sources.lab]\nurl = 'x'", " give either `source` or `[sources.NAME]`"),
        ("source = '--insecure'", "1: a folder whose name begins with - is written ./-…"),
    ] {
        assert_eq!(problem(text), expected, "{text}");
    }
    for (text, expected) in [
        ("\nhead = '64 pounds'", "2: invalid value '64 pounds' for '--head <SIZE>'"),
        ("listen = 'nowhere'", "1: invalid value 'nowhere' for '--listen <ADDRESS>'"),
        ("store-requests = 0", "1: invalid value '0' for '--store-requests <N>'"),
        ("head = ", "1: "),
        ("head = '1'\nhead = '2'", "2: "),
    ] {
        assert!(problem(text).starts_with(expected), "{text}: {}", problem(text));
    }
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let error = complete(&line(Path::new("/no/such/h5scout.toml"), &[])).unwrap_err().to_string();
    assert!(error.starts_with("/no/such/h5scout.toml: "), "{error}");
}

#[test]
fn sources_of_a_file_are_served_unless_the_command_line_names_some() {
    let text = "[sources.lab]\nurl = 's3://a'\nendpoint = 'http://h'\nanonymous = true\n\
                [sources.archive]\nurl = '/data'\n";
    let places = |serve: &Serve| {
        let places = crate::sources::places(&serve.sources).unwrap();
        let place = |(name, url): (Option<_>, String)| (name.map(|n| format!("{n}")), url);
        places.into_iter().map(place).collect::<Vec<_>>()
    };
    let named = |name: &str, url: &str| (Some(name.to_owned()), url.to_owned());
    let in_file = serve(text, &[]);
    assert_eq!(places(&in_file), [named("archive", "/data"), named("lab", "s3://a")]);
    let lab = &in_file.settings[&"lab".parse().unwrap()];
    assert_eq!((lab.endpoint.as_deref(), lab.anonymous), (Some("http://h"), true));

    let on_line = serve(text, &["lab=s3://b"]);
    assert_eq!(places(&on_line), [named("lab", "s3://b")]);
    assert_eq!(on_line.settings.len(), 2, "settings go by the name");

    assert_eq!(places(&serve("source = '/data'", &[])), [(None, "/data".to_owned())]);
}

#[test]
fn other_commands_and_wrong_lines_are_left_to_the_parser() {
    let parse =
        |line: &[&str]| complete(&line.iter().map(OsString::from).collect::<Vec<_>>()).unwrap();
    assert!(matches!(parse(&["h5scout", "ls", "x"]).unwrap().command, Command::Ls(_)));
    for wrong in [&["h5scout"][..], &["h5scout", "serve", "--haed=5"], &["h5scout", "ls"]] {
        assert!(parse(wrong).is_err());
    }
    let (_folder, path) = file("");
    assert!(complete(&line(&path, &["--haed=5"])).unwrap().is_err());
}
