/** Leaves the tarballs in `outputFolder` and returns their paths. */
export declare function pack(root: string, outputFolder: string): Promise<string[]>;
