export interface BundleRequest {
  root: string;
  /** Such as `apps/daemon/src/main.ts`. */
  entry: string;
  /** Emptied and filled by the bundle, flat. */
  outputFolder: string;
  folders?: Readonly<Record<string, string>>;
}
/** The npm dependencies that the bundle needs, from every workspace whose code is in it. */
export declare function bundle(request: BundleRequest): Promise<Record<string, string>>;
