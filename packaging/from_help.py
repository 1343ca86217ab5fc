#!/usr/bin/env python3
"""Makes man pages and completions out of what a program's --help says, so that they cannot differ from it.

Usage: from_help.py man|bash|zsh PROGRAM        prints to standard output
       from_help.py all FOLDER PROGRAM…         writes FOLDER/man/NAME.SECTION, FOLDER/bash/NAME and FOLDER/zsh/_NAME
"""
import dataclasses
import pathlib
import re
import subprocess
import sys

SECTION = {"annexa-collect": 8}  # nobody calls it but the agent and systemd
SEE_ALSO = ["annexa(1)", "annexa-agent(1)", "annexa-collect(8)", "annexa-server(1)"]
FILE_VALUES = {"FILE", "FILE|-", "DIR", "PATH"}


@dataclasses.dataclass
class Command:
    """One command as its --help shows it."""
    path: list          # ["annexa-agent", "policy", "test"]
    about: str          # the first paragraph
    usage: str
    options: list       # [(["-h", "--help"], "VALUE", text)]
    positionals: list   # [(name, text)]
    footer: str
    commands: list      # of Command
    hint: str = ""      # in the list of its parent


def help_of(program, words):
    done = subprocess.run([program, *words, "--help"], capture_output=True, text=True, env={"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "COLUMNS": "100"})
    if done.returncode != 0 or not done.stdout:
        raise SystemExit(f"from_help.py: {program} {' '.join(words)} --help exits {done.returncode} and prints {len(done.stdout)} bytes; expected 0 and a text\n{done.stderr}")
    return done.stdout


def entries(lines):
    """The entries of an indented list: (what, text), the text possibly on the lines below."""
    found = []
    for line in lines:
        if re.match(r"  \S", line):
            what, _, text = line.strip().partition("  ")
            found.append([what.strip(), text.strip()])
        elif line.strip() and found:
            found[-1][1] = (found[-1][1] + " " + line.strip()).strip()
    return found


def option_of(what, text):
    names, value = [], ""
    for word in what.split(" "):
        if word.startswith("-"):
            names += word.split(",")
        elif word == "Excludes:":
            break
        elif word == "REQUIRED":
            text += " (required)"
        elif word:
            value = word
    return names, value, text


def read_command(program, path, hint=""):
    text = help_of(program, path[1:])
    lines = text.rstrip().splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith("Usage:")), None)
    if at is None:
        raise SystemExit(f"from_help.py: {' '.join(path)} --help has no line Usage:")
    usage = " ".join(path) + re.sub(r"^Usage: \S+", "", lines[at])[len(" ".join([""] + path[1:])):]
    command = Command(path, " ".join(lines[:at]).strip(), usage, [], [], "", [], hint)
    rest = lines[at + 1:]
    while rest:
        if not rest[0].strip():
            rest = rest[1:]
            continue
        heading = re.fullmatch(r"(Options|Positionals|Subcommands):", rest[0])
        if not heading:
            break
        end = next((i for i, line in enumerate(rest[1:], 1) if not line.strip() or not line.startswith(" ")), len(rest))
        items = entries(rest[1:end])
        if heading[1] == "Options":
            command.options = [option_of(*item) for item in items]
        elif heading[1] == "Positionals":
            command.positionals = [(what.split(" ")[0], words) for what, words in items]
        else:
            command.commands = [read_command(program, path + [what], words) for what, words in items]
        rest = rest[end:]
    command.footer = "\n".join(rest).strip()
    if not command.about:  # a program without the command line library says what it is below
        command.about, _, command.footer = command.footer.partition("\n\n")
        command.about = command.about.replace("\n", " ")
    return command


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("~", "\\(ti").replace("^", "\\(ha")
    return re.sub(r"^([.])", r"\\&\1", text, flags=re.M)


def paragraphs(text):
    """What stands below the options: prose, and examples as they are."""
    out = []
    for block in text.split("\n\n"):
        lines = block.splitlines()
        while lines:
            if re.match(r"Examples?:$", lines[0]) or lines[0].startswith("  "):
                if not lines[0].startswith(" "):
                    out.append(".PP\n" + roff(lines.pop(0)))
                shown = []
                while lines and lines[0].startswith("  "):
                    shown.append(roff(lines.pop(0)[2:]))
                out.append(".PP\n.RS 2\n.nf\n" + "\n".join(shown) + "\n.fi\n.RE")
            else:
                prose = []
                while lines and not lines[0].startswith("  ") and not re.match(r"Examples?:$", lines[0]):
                    prose.append(lines.pop(0))
                out.append(".PP\n" + roff("\n".join(prose)))
    return "\n".join(out)


def options_in_roff(command):
    out = []
    for name, text in command.positionals:
        out.append(f".TP\n.I {roff(name)}\n{roff(text)}")
    for names, value, text in command.options:
        if "--help" in names and len(command.path) > 1:
            continue
        head = ", ".join(f"\\fB{roff(name)}\\fR" for name in names) + (f" \\fI{roff(value)}\\fR" if value else "")
        out.append(f".TP\n{head}\n{roff(text)}")
    return "\n".join(out)


def commands_in_roff(command):
    out = []
    for each in command.commands:
        out.append(f".SS {roff(each.usage)}\n{roff(each.about)}")
        out += [part for part in (options_in_roff(each), paragraphs(each.footer), commands_in_roff(each)) if part]
    return "\n".join(out)


def man_page(command, version):
    name = command.path[0]
    section = SECTION.get(name, 1)
    sentence = re.split(r"(?<=[.:]) |[.:]$", command.about)[0].rstrip(".:")
    sentence = sentence[0].lower() + sentence[1:]
    parts = [f'.TH {name.upper()} {section} "" "annexa {version}" "annexa"', f".SH NAME\n{name} \\- {roff(sentence)}", f".SH SYNOPSIS\n.B {roff(command.usage)}",
             f".SH DESCRIPTION\n{roff(command.about)}"]
    if command.options:
        parts.append(".SH OPTIONS\n" + options_in_roff(command))
    if command.commands:
        parts.append(".SH COMMANDS\n" + commands_in_roff(command))
    if command.footer:
        parts.append(".SH NOTES\n" + re.sub(r"^\.PP\n", "", paragraphs(command.footer)))
    others = [other for other in SEE_ALSO if not other.startswith(name + "(")]
    parts.append(".SH SEE ALSO\n" + ",\n".join(f".BR {roff(page.split('(')[0])} ({page.split('(')[1]}" for page in others).replace(")\n,", "),"))
    return "\n".join(parts) + "\n"


def all_commands(command):
    yield command
    for each in command.commands:
        yield from all_commands(each)


def choices(value):
    """The words of "json|text"; none where it names a kind of thing."""
    words = value.split("|")
    return words if len(words) > 1 and all(re.fullmatch(r"[a-z_]+", word) for word in words) else []


def bash_completion(root):
    name = root.path[0]
    function = "_" + name.replace("-", "_")
    words, values, known = [], [], []
    for command in all_commands(root):
        path = " ".join(command.path[1:])
        if path:
            known.append(f'"{path}"')
        options = [each for names, _, _ in command.options for each in names if each.startswith("--")]
        words.append(f'    "{path}") words="{" ".join([each.path[-1] for each in command.commands] + options)}" ;;')
        for names, value, _ in command.options:
            pattern = "|".join(f'"{path}:{each}"' for each in names if each.startswith("--"))
            if choices(value):
                values.append(f'    {pattern}) COMPREPLY=($(compgen -W "{" ".join(choices(value))}" -- "$current")); return ;;')
            elif value in FILE_VALUES:
                values.append(f'    {pattern}) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;')
            elif value:
                values.append(f"    {pattern}) return ;;")
    lines = [f"# bash completion of {name}, made from its --help", f"{function}() {{", '  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= words= i',
             "  COMPREPLY=()", "  for ((i = 1; i < COMP_CWORD; i++)); do"]
    if known:
        lines += ['    case "${path:+$path }${COMP_WORDS[i]}" in', f'    {"|".join(known)}) path="${{path:+$path }}${{COMP_WORDS[i]}}" ;;', "    esac"]
    lines += ["  done"]
    if values:
        lines += ['  case "$path:$before" in', *values, "  esac"]
    lines += ['  case "$path" in', *words, "  esac", '  COMPREPLY=($(compgen -W "$words" -- "$current"))', '  if ((${#COMPREPLY[@]} == 0)) && [[ $current != -* ]]; then',
              '    compopt -o filenames', '    COMPREPLY=($(compgen -f -- "$current"))', "  fi", "}", f"complete -F {function} {name}"]
    return "\n".join(lines) + "\n"


def zsh_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_completion(root):
    name = root.path[0]
    function = "_" + name.replace("-", "_")
    lines = [f"#compdef {name}", f"# zsh completion of {name}, made from its --help", f"{function}() {{", "  local path_= word before=${words[CURRENT-1]}",
             "  local -a commands options", "  for word in ${words[2,CURRENT-1]}; do"]
    known = [" ".join(command.path[1:]) for command in all_commands(root) if len(command.path) > 1]
    if known:
        lines += ['    case "${path_:+$path_ }$word" in', f'    {"|".join(zsh_quoted(path) for path in known)}) path_="${{path_:+$path_ }}$word" ;;', "    esac"]
    lines += ["  done", '  case "$path_:$before" in']
    for command in all_commands(root):
        path = " ".join(command.path[1:])
        for names, value, _ in command.options:
            pattern = "|".join(zsh_quoted(f"{path}:{each}") for each in names if each.startswith("--"))
            if choices(value):
                lines.append(f"  {pattern}) compadd {' '.join(choices(value))}; return ;;")
            elif value:
                lines.append(f"  {pattern}) _files; return ;;")
    lines += ["  esac", '  case "$path_" in']
    for command in all_commands(root):
        path = " ".join(command.path[1:])
        described = [zsh_quoted(each.path[-1] + ":" + each.hint.replace(":", "\\:")) for each in command.commands]
        options = [zsh_quoted(each + ":" + text.replace(":", "\\:")) for names, _, text in command.options for each in names if each.startswith("--")]
        lines.append(f"  {zsh_quoted(path)}) commands=({' '.join(described)}) options=({' '.join(options)}) ;;")
    lines += ["  esac", "  if [[ ${words[CURRENT]} == -* ]] || ((${#commands} == 0)); then", "    _describe option options", "    _files", "  else",
              "    _describe command commands", "  fi", "}", f'{function} "$@"']
    return "\n".join(lines) + "\n"


def version_of(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]


def make(kind, program):
    command = read_command(program, [pathlib.Path(program).name])
    return {"man": lambda: man_page(command, version_of(program)), "bash": lambda: bash_completion(command), "zsh": lambda: zsh_completion(command)}[kind]()


def main(arguments):
    if arguments[:1] in (["--help"], ["-h"]):
        print(__doc__)
    elif len(arguments) == 2 and arguments[0] in ("man", "bash", "zsh"):
        sys.stdout.write(make(*arguments))
    elif len(arguments) >= 3 and arguments[0] == "all":
        folder = pathlib.Path(arguments[1])
        for kind in ("man", "bash", "zsh"):
            (folder / kind).mkdir(parents=True, exist_ok=True)
        for program in arguments[2:]:
            name = pathlib.Path(program).name
            (folder / "man" / f"{name}.{SECTION.get(name, 1)}").write_text(make("man", program))
            if name in SECTION:
                continue
            (folder / "bash" / name).write_text(make("bash", program))
            (folder / "zsh" / f"_{name}").write_text(make("zsh", program))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
