/** Variables that change which program a name means, or that name programs to run. */

const patterns = [
  // Where names and libraries are found.
  /^(PATH|HOME|CDPATH|XDG_.*|ENV|IFS|SHELL|EXECIGNORE|GCONV_PATH|LOCPATH|POSIXLY_CORRECT)$/,
  /^(LD|DYLD)_/,
  // What bash itself runs or evaluates.
  /^(BASH_ENV|BASHOPTS|SHELLOPTS|BASH_LOADABLES_PATH|BASH_ALIASES|BASH_CMDS|PROMPT_COMMAND|PS[0-4])$/,
  /^BASH_FUNC_/,
  // Where other programs find what they run, and whom they talk to.
  /^(DOCKER_|COMPOSE_|KUBE|RUSTUP_|PYENV_|RBENV_|NODENV_|ASDF_|VOLTA_|MISE_|TERMINFO)/,
  /^(JAVA_HOME|JDK_HOME|GOROOT|CARGO_HOME|GETCONF_DIR|SSH_AUTH_SOCK|APT_CONFIG|OPENSSL_(CONF|MODULES|ENGINES))$/,
  // What other programs run.
  /(PAGER|EDITOR|BROWSER|ASKPASS|_COMMAND|_SSH|_PROXY_COMMAND|_DIFF|_SHELL)$/,
  /^(VISUAL|LESS.*|MORE|RIPGREP_CONFIG_PATH|MAN(OPT|PATH|ROFF.*)|MAKEFLAGS|TAR_OPTIONS|RSYNC_RSH|GIT_.*|SUDO_.*)$/,
  /^(NODE_OPTIONS|NODE_PATH|PERL5.*|PYTHON.*|RUBY.*|GEM_.*|LUA_.*|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|CLASSPATH)$/,
];

/** True when a value given to the variable could make an allowed name run something else. */
export const isSteeringVariable = (name: string): boolean => patterns.some((pattern) => pattern.test(name));

/** The variable that `NAME=value`, `NAME+=value` or `NAME[i]=value` sets, else the whole text. */
export const variableOf = (text: string): string => /^[A-Za-z_][A-Za-z0-9_]*/.exec(text)?.[0] ?? text;

export const isAssignment = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(text);

/** A subscript that holds a substitution: bash runs it wherever it takes the text as a variable or a number. */
export const hidesSubstitution = (text: string): boolean => /[A-Za-z0-9_]\[[^[\]]*(\$[({]|`)/.test(text);
