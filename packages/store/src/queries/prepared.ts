/** Statements of the hot paths: built and compiled once for a database, which takes longer than to run them, then run with other values. */
import { type Compilable, CompiledQuery } from 'kysely';
import type { Database } from '../schema.ts';

type Value<Given> = <Name extends keyof Given & string>(name: Name) => Given[Name];

/** Stands for a value while the statement is built. */
class Placeholder {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export const prepared = <Given extends object, Row>(
  build: (database: Database, value: Value<Given>) => Compilable<Row>,
): ((database: Database, given: Given) => Promise<Row[]>) => {
  // A database and its transactions have one adapter.
  const known = new WeakMap<object, CompiledQuery>();
  const compile = (database: Database): CompiledQuery => {
    const compiled = build(database, (name) => new Placeholder(name) as never).compile();
    known.set(database.getExecutor().adapter, compiled);
    return compiled;
  };
  return async (database, given) => {
    const { sql, parameters } = known.get(database.getExecutor().adapter) ?? compile(database);
    const values = parameters.map((one) => (one instanceof Placeholder ? given[one.name as keyof Given] : one));
    const { rows } = await database.executeQuery<Row>(CompiledQuery.raw(sql, values));
    return rows;
  };
};
