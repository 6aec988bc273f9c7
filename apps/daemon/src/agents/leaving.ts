/** Why a run is ended: by a person, or because the hub leaves and somebody will go on with it later. */

class Leaving extends Error {
  constructor() {
    super('The hub is leaving.');
    this.name = 'Leaving';
  }
}

export const leave = (controller: AbortController): void => controller.abort(new Leaving());

export const isLeaving = ({ aborted, reason }: AbortSignal): boolean => aborted && reason instanceof Leaving;
