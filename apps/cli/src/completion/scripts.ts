/** The scripts that ask `navisai __complete` for candidates; they know nothing of commands, so they never grow old. */

export type Shell = 'bash' | 'zsh' | 'fish';

const bash = String.raw`# Completions of navisai for bash: source <(navisai completion bash)
_navisai() {
  local IFS=$'\n' line words=("${'$'}{COMP_WORDS[@]:1:COMP_CWORD}")
  local current="${'$'}{COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  # Bash splits words at = and :, which the command must see joined.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local cword
    _get_comp_words_by_ref -n =: -w words -i cword -c current
    words=("${'$'}{words[@]:1:cword}")
  fi
  while read -r line; do
    case "$line" in
      :files) compopt -o default; return ;;
      :directories) compopt -o dirnames; return ;;
      *) COMPREPLY+=("${'$'}{line%%$'\t'*}") ;;
    esac
  done < <(navisai __complete "${'$'}{words[@]}" 2>/dev/null)
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$current"; fi
}
complete -F _navisai navisai`;

const zsh = String.raw`#compdef navisai
# Completions of navisai for zsh: source <(navisai completion zsh)
_navisai() {
  local line
  local -a candidates
  while IFS= read -r line; do
    case "$line" in
      :files) _files; return ;;
      :directories) _files -/; return ;;
      *) candidates+=("${'$'}{${'$'}{line%%$'\t'*}//:/\\:}:${'$'}{line#*$'\t'}") ;;
    esac
  done < <(navisai __complete "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)
  _describe navisai candidates
}
if [ "$funcstack[1]" = _navisai ]; then _navisai "$@"; else compdef _navisai navisai; fi`;

const fish = String.raw`# Completions of navisai for fish: navisai completion fish > ~/.config/fish/completions/navisai.fish
function __navisai_complete
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  for line in (navisai __complete $words 2>/dev/null)
    switch $line
      case ':files'
        __fish_complete_path (commandline -ct)
      case ':directories'
        __fish_complete_directories (commandline -ct)
      case '*'
        echo $line
    end
  end
end
complete -c navisai -f -a '(__navisai_complete)'`;

export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
