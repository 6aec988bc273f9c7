/** Projects in SQL. */
import type { Project, ProjectFacts } from '@navisai/protocol';
import type { Selectable } from 'kysely';
import type { ProjectWriter } from '../projects.types.ts';
import type { Database, Schema } from '../schema.ts';

const toProject = (row: Selectable<Schema['projects']>): Project => ({
  // Written here, as checked when it came.
  ...(JSON.parse(row.facts) as ProjectFacts),
  id: row.id,
  nodeId: row.node_id,
  foundAt: row.found_at,
  checkedAt: row.checked_at,
});

export class ProjectQueries implements ProjectWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(id: string): Promise<Project | undefined> {
    const query = this.#database.selectFrom('projects').selectAll().where('id', '=', id);
    const row = await query.executeTakeFirst();
    return row === undefined ? undefined : toProject(row);
  }

  async list({ nodeId }: { nodeId?: string | undefined } = {}): Promise<Project[]> {
    let query = this.#database.selectFrom('projects').selectAll();
    if (nodeId !== undefined) query = query.where('node_id', '=', nodeId);
    return (await query.orderBy('node_id').orderBy('path').execute()).map(toProject);
  }

  async put({ id, nodeId, foundAt, checkedAt, ...facts }: Project): Promise<void> {
    const changing = { facts: JSON.stringify(facts), checked_at: checkedAt };
    await this.#database
      .insertInto('projects')
      .values({ id, node_id: nodeId, path: facts.path, found_at: foundAt, ...changing })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changing))
      .execute();
  }

  async remove(id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.deleteFrom('projects').where('id', '=', id).executeTakeFirst();
    return numDeletedRows > 0n;
  }
}
