/** Kysely over `node:sqlite`: the shape that Kysely's SQLite dialect expects of a driver. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type SqliteDatabase, SqliteDialect } from 'kysely';

/** Distinct statements of this product are far fewer; beyond it the oldest is prepared again. */
const maxCachedStatements = 200;

const nothing = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

/** `explain` turns an error of SQLite into what is thrown. */
export const sqliteDialect = (database: DatabaseSync, explain: (error: unknown) => unknown): SqliteDialect => {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw explain(error);
    }
  };
  const prepare = cachedPrepare((text): Prepared => {
    const statement = attempt(() => database.prepare(text));
    return {
      reader: statement.columns().length > 0,
      all: (values) => attempt(() => statement.all(...(values as SQLInputValue[]))),
      run: (values) => attempt(() => statement.run(...(values as SQLInputValue[]))),
      iterate: (values) => attempt(() => statement.iterate(...(values as SQLInputValue[]))),
    };
  });
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      // A full disk has rolled back already; a second rollback would hide why.
      prepare: (text) => (text === 'rollback' && !database.isTransaction ? nothing : prepare(text)),
    },
  });
};

type Prepared = ReturnType<SqliteDatabase['prepare']>;

const cachedPrepare = (prepare: (text: string) => Prepared): ((text: string) => Prepared) => {
  const cache = new Map<string, Prepared>();
  return (text) => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const statement = prepare(text);
    const oldest = cache.size >= maxCachedStatements ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    cache.set(text, statement);
    return statement;
  };
};
