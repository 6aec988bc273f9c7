/** Globs in linear time: `*`, `?`, `[a-z]`, `{a,b}` within a name, `**` across directories. */
import { NavisError } from '@navisai/protocol';
import { RE2JS } from 're2js';

export interface Glob {
  /** A glob with a slash is about the path below the start, one without about the name. */
  matches(entry: { name: string; relativePath: string }): boolean;
}

/** Throws INVALID_ARGUMENT. */
export const compileGlob = (glob: string, field: string): Glob => {
  const isPath = glob.includes('/');
  const expression = compile(isPath ? glob.replace(/^(\.?\/)+/, '').replace(/\/+$/, '') : glob, field);
  return { matches: ({ name, relativePath }) => expression.matches(isPath ? relativePath : name) };
};

const compile = (glob: string, field: string): RE2JS => {
  try {
    return RE2JS.compile(patternOf(glob), RE2JS.DOTALL);
  } catch (error) {
    throw new NavisError('INVALID_ARGUMENT', `${field}: is not a valid glob. Nothing was started.`, {
      field,
      cause: error,
    });
  }
};

const tokens = /\*\*\/|\/\*\*$|\*\*|\*|\?|\[[!^]?\]?[^\]]*\]|\\.|[{},]|[^]/gu;

const patternOf = (glob: string): string => {
  let depth = 0;
  return glob.replace(tokens, (token) => {
    switch (token) {
      case '**/':
        return '(?:.*/)?';
      case '/**':
        return '(?:/.*)?';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{':
        depth += 1;
        return '(?:';
      case '}':
        if (depth === 0) return '\\}';
        depth -= 1;
        return ')';
      case ',':
        return depth > 0 ? '|' : ',';
    }
    if (token.length > 2 && token.startsWith('[')) return classOf(token);
    return RE2JS.quote(token.length > 1 && token.startsWith('\\') ? token.slice(1) : token);
  });
};

const classOf = (token: string): string => {
  const isNegated = /^\[[!^]/.test(token);
  const members = token.slice(isNegated ? 2 : 1, -1).replace(/[\\[\]^]/g, '\\$&');
  return isNegated ? `[^/${members}]` : `[${members}]`;
};
