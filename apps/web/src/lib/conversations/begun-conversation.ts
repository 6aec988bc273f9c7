/** The conversation that the start page begins, made once also when what was said could not be sent (A3, N9). */
import type { Api } from '@navisai/client';
import type { RouteInput } from '@navisai/protocol';

type Settings = NonNullable<NonNullable<RouteInput<'createSession'>['body']>['agent']>;

export class BegunConversation {
  readonly #api: Api;
  #made: { id: string; settings: Settings } | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Its id. What was chosen since it was made is told to it; another kind of agent needs another conversation (I19). */
  async begin(title: string, settings: Settings): Promise<string> {
    const made = this.#made;
    if (made === undefined || made.settings.acpAgent !== settings.acpAgent) return this.#make(title, settings);
    if (made.settings !== settings)
      await this.#api.changeSession({ params: { id: made.id }, body: { agent: settings } });
    this.#made = { id: made.id, settings };
    return made.id;
  }

  async #make(title: string, settings: Settings): Promise<string> {
    const kind = (settings.acpAgent ?? null) === null ? 'agent' : 'acp';
    const { id } = await this.#api.createSession({ body: { kind, title, agent: settings } });
    this.#made = { id, settings };
    return id;
  }
}
