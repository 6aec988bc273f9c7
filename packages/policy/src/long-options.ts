/** Programs take a beginning of a long option for the whole: what a given one may stand for (A1). */

/** Long options by which a program writes, runs or reads something that it would not do without. */
const watched = `
  attribute both browser cache-dir check-config clear compile compress-program config config-env config-file console-level
  console-off console-on cursor-file delete diag diff-program disableplugin discard-changes dribble enableplugin exec
  exec-path ext-diff file filelist files files0-from filters flush force force-create fromfile fromtabfile garbage gitfile gxditview
  hard host hostname-bin html in-place index-url infofile init-file installroot keep kill library-path local-log log log-file
  LOG-FILE lesskey machine magic-file merge mirror no-dry-run no-index no-preserve-root node-options open-files-in-pager
  option ours outdated output output-directory pager patch pkg-cache pluginpath pre prefix preprocessor prompt proxy prune python read-clear
  receive-pack recode recursive registry releasever relinquish-var remote repofrompath restore revert rotate script-shell
  search-binary set setopt setup-keys size smart-relinquish-var src-cache sync target template textconv theirs trace troff
  update-catalog uptodate upload-pack userconfig globalconfig vacuum-files vacuum-size vacuum-time
`
  .trim()
  .split(/\s+/);

/** They are whole already, though another begins like them. */
const whole = /^(cursor|text|index|keep-.*)$/;

/** The text as it is given, and every watched option that it may stand for, with its value. */
export const spelledOut = (text: string): string[] => {
  const [, given, value = ''] = /^--([^=]+)(=.*)?$/s.exec(text) ?? [];
  if (given === undefined || whole.test(given)) return [text];
  return [text, ...watched.filter((name) => name.startsWith(given)).map((name) => `--${name}${value}`)];
};
