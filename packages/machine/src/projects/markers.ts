/** Tells a project by the files that lie in its directory: which languages, which frameworks (I18). */

export interface ProjectKinds {
  languages: string[];
  frameworks: string[];
}

/** Files whose text is looked at, at most so much of each. */
export const manifestNames = [
  'package.json',
  'pyproject.toml',
  'requirements.txt',
  'Gemfile',
  'composer.json',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'Cargo.toml',
  'go.mod',
] as const;
export const maxManifestBytes = 128 * 1024;

const languageMarkers: readonly [RegExp, string][] = [
  [/^(tsconfig(\..+)?\.json|deno\.jsonc?)$/, 'TypeScript'],
  [/^package\.json$/, 'JavaScript'],
  [/^(pyproject\.toml|setup\.py|setup\.cfg|requirements\.txt|Pipfile)$/, 'Python'],
  [/^Cargo\.toml$/, 'Rust'],
  [/^go\.mod$/, 'Go'],
  [/^(pom\.xml|build\.gradle)$/, 'Java'],
  [/^build\.gradle\.kts$/, 'Kotlin'],
  [/^(Gemfile|.+\.gemspec)$/, 'Ruby'],
  [/^composer\.json$/, 'PHP'],
  [/\.(csproj|sln)$/, 'C#'],
  [/\.fsproj$/, 'F#'],
  [/^(CMakeLists\.txt|meson\.build)$/, 'C++'],
  [/^mix\.exs$/, 'Elixir'],
  [/^pubspec\.yaml$/, 'Dart'],
  [/^Package\.swift$/, 'Swift'],
  [/^build\.zig$/, 'Zig'],
  [/^(stack\.yaml|.+\.cabal)$/, 'Haskell'],
  [/^build\.sbt$/, 'Scala'],
  [/^deps\.edn$|^project\.clj$/, 'Clojure'],
  [/\.tf$/, 'Terraform'],
];

const frameworkMarkers: readonly [RegExp, string][] = [
  [/^(Dockerfile|compose\.ya?ml|docker-compose\.ya?ml)$/, 'Docker'],
  [/^manage\.py$/, 'Django'],
  [/^artisan$/, 'Laravel'],
  [/^(ansible\.cfg|playbook\.ya?ml)$/, 'Ansible'],
];

/** By the name of a package among the dependencies of a manifest. */
const nodePackages: Readonly<Record<string, string>> = {
  react: 'React',
  next: 'Next.js',
  vue: 'Vue',
  nuxt: 'Nuxt',
  svelte: 'Svelte',
  '@sveltejs/kit': 'SvelteKit',
  '@angular/core': 'Angular',
  astro: 'Astro',
  vite: 'Vite',
  express: 'Express',
  fastify: 'Fastify',
  '@nestjs/core': 'NestJS',
  electron: 'Electron',
  'react-native': 'React Native',
};

const wordsOf: Readonly<Partial<Record<(typeof manifestNames)[number], readonly [RegExp, string][]>>> = {
  'pyproject.toml': pythonWords(),
  'requirements.txt': pythonWords(),
  Gemfile: [
    [/^\s*gem\s+["']rails["']/m, 'Rails'],
    [/^\s*gem\s+["']sinatra["']/m, 'Sinatra'],
  ],
  'composer.json': [
    [/"laravel\/framework"/, 'Laravel'],
    [/"symfony\/framework-bundle"/, 'Symfony'],
  ],
  'pom.xml': [[/spring-boot/, 'Spring Boot']],
  'build.gradle': [[/spring-boot|springframework\.boot/, 'Spring Boot']],
  'build.gradle.kts': [[/spring-boot|springframework\.boot/, 'Spring Boot']],
  'Cargo.toml': [
    [/^\s*axum\s*=/m, 'Axum'],
    [/^\s*actix-web\s*=/m, 'Actix'],
    [/^\s*tauri\s*=/m, 'Tauri'],
  ],
  'go.mod': [
    [/gin-gonic\/gin/, 'Gin'],
    [/labstack\/echo/, 'Echo'],
  ],
};

function pythonWords(): readonly [RegExp, string][] {
  return [
    [/\bdjango\b/i, 'Django'],
    [/\bflask\b/i, 'Flask'],
    [/\bfastapi\b/i, 'FastAPI'],
  ];
}

/** True for a directory that is a project by itself. */
export const isProject = (names: readonly string[]): boolean =>
  names.includes('.git') || names.some((name) => languageMarkers.some(([marker]) => marker.test(name)));

/** `read` answers the text of a manifest, empty when it cannot be read. */
export const kindsOf = async (
  names: readonly string[],
  read: (name: string) => Promise<string>,
): Promise<ProjectKinds> => {
  const languages = new Set<string>();
  const frameworks = new Set<string>();
  for (const name of names) {
    for (const [marker, language] of languageMarkers) if (marker.test(name)) languages.add(language);
    for (const [marker, framework] of frameworkMarkers) if (marker.test(name)) frameworks.add(framework);
  }
  for (const name of manifestNames.filter((manifest) => names.includes(manifest))) {
    const text = await read(name);
    if (name === 'package.json') for (const found of frameworksOfNode(text)) frameworks.add(found);
    for (const [word, framework] of wordsOf[name] ?? []) if (word.test(text)) frameworks.add(framework);
  }
  // One compiles to the other; what is written is what counts.
  if (languages.has('TypeScript')) languages.delete('JavaScript');
  return { languages: [...languages].toSorted(), frameworks: [...frameworks].toSorted() };
};

const frameworksOfNode = (text: string): string[] => {
  let manifest: unknown;
  try {
    manifest = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof manifest !== 'object' || manifest === null) return [];
  const { dependencies, devDependencies } = manifest as Record<string, unknown>;
  const names = [dependencies, devDependencies].flatMap((list) =>
    typeof list === 'object' && list !== null ? Object.keys(list) : [],
  );
  return names.flatMap((name) => (Object.hasOwn(nodePackages, name) ? (nodePackages[name] ?? []) : []));
};
