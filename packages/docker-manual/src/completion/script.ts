export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its first argument may be; empty when that is open. */
  readonly values: readonly string[];
}

interface CompletedOption {
  readonly name: string;
  /** What it may be given; empty when that is open. */
  readonly values: readonly string[];
}

/** Commands whose argument is an environment. */
const NAMING = ["stop", "status"];

/** What a shell has to read so that it completes commands, their options, and names of environments. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  if (shell === "fish") return fish(commands);
  return shell === "zsh" ? zsh(commands) : bash(commands);
}

/** Names of environments come from the engine, by the very command that is being typed. */
function completer(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap((command) => [
    ...(command.values.length === 0 ? [] : [{ ...command, before: command.name }]),
    ...command.options
      .filter((option) => option.values.length > 0)
      .map((option) => ({ ...option, name: command.name, before: option.name })),
  ]);
  return `_docker_manual() {
  local at=$COMP_CWORD
  local -a typed run
  typed=("\${COMP_WORDS[@]}")
  run=("\${typed[0]}")
  COMPREPLY=()
  if [ "\${typed[0]}" = npx ]; then
    if [ "$at" -lt 2 ] || [ "\${typed[1]}" != docker-manual ]; then return; fi
    run=(npx docker-manual)
    typed=("\${typed[@]:1}")
    at=$((at - 1))
  fi
  local current="\${typed[at]}" command="\${typed[1]}" before="\${typed[at - 1]}" offers=""
  if [ "$at" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))
    return
  fi
  case "$command $before $current" in
    *" -e "*|*" --environment "*|${NAMING.map((name) => `"${name} ${name} "[!-]*|"${name} ${name} "`).join("|")})
      # No name is no reason to offer files.
      compopt +o default 2>/dev/null
      COMPREPLY=($(compgen -W "$("\${run[@]}" list --quiet 2>/dev/null)" -- "$current"))
      return ;;
${values.map((one) => `    "${one.name} ${one.before} "*) offers="${one.values.join(" ")}" ;;`).join("\n")}
  esac
  if [ -z "$offers" ]; then
    case "$command" in
${commands.map(({ name, options }) => `      ${name}) offers="${options.map((option) => option.name).join(" ")}" ;;`).join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$offers" -- "$current"))
}
complete -o default -F _docker_manual docker-manual
`;
}

function bash(commands: readonly CompletedCommand[]): string {
  return `${completer(commands)}complete -p npx >/dev/null 2>&1 || complete -o default -F _docker_manual npx
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  return `#compdef docker-manual
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
autoload -Uz bashcompinit && bashcompinit
${completer(commands)}[ -n "\${_comps[npx]}" ] || complete -o default -F _docker_manual npx
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const names = "(docker-manual list --quiet 2>/dev/null)";
  const valuesOf = ({ name, values }: CompletedOption) => {
    if (name === "--environment") return ` -x -a '${names}'`;
    return values.length === 0 ? "" : ` -x -a '${values.join(" ")}'`;
  };
  const lines = commands.flatMap(({ name, description, options, values }) => {
    const after = `complete -c docker-manual -n '__fish_seen_subcommand_from ${name}'`;
    const offered = NAMING.includes(name) ? names : values.join(" ");
    return [
      `complete -c docker-manual -n __fish_use_subcommand -f -a ${name} -d ${quote(description.split(/[.:]/)[0] ?? "")}`,
      ...options
        .filter((option) => option.name.startsWith("--"))
        .map((option) => `${after} -l ${option.name.slice(2)}${valuesOf(option)}`),
      ...(offered === "" ? [] : [`${after} -f -a '${offered}'`]),
    ];
  });
  return `${lines.join("\n")}\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
