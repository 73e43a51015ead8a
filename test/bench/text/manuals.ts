import { globSync } from 'node:fs';
import { join } from 'node:path';

/** Pages of one generator in a Debian package of documentation, and where their main content stands. */
export interface Manual {
  readonly generator: string;
  readonly debianPackage: string;
  /** Relative to the root into which the packages were extracted. */
  readonly pages: string;
  /** Attribute or tag of the element that holds the content, as it stands in the source. */
  readonly main: RegExp;
  readonly count: number;
}

export const MANUALS: readonly Manual[] = [
  {
    generator: 'sphinx',
    debianPackage: 'python3.11-doc',
    pages: 'usr/share/doc/python3.11/html/{library,reference,tutorial,howto}/*.html',
    main: /<div class="body" role="main">/,
    count: 30,
  },
  {
    generator: 'asciidoc',
    debianPackage: 'git-doc',
    pages: 'usr/share/doc/git-doc/*.html',
    main: /<div id="content">/,
    count: 20,
  },
  {
    generator: 'doxygen',
    debianPackage: 'libeigen3-doc',
    pages: 'usr/share/doc/libeigen3-dev/html/{group__*,Tutorial*,Topic*,class*,struct*}.html',
    main: /<div class="contents">/,
    count: 20,
  },
  {
    generator: 'gtk-doc',
    debianPackage: 'libgtk-3-doc',
    pages: 'usr/share/gtk-doc/html/gtk3/*.html',
    main: /<div class="(?:refentry|chapter|part|book|index|glossary|reference)">/,
    count: 20,
  },
  {
    generator: 'docbook',
    debianPackage: 'debian-reference-en',
    pages: 'usr/share/debian-reference/*.en.html',
    main: /<div class="(?:chapter|appendix|book|preface)">/,
    count: 15,
  },
  {
    generator: 'javadoc',
    debianPackage: 'openjdk-17-doc',
    pages: 'usr/share/doc/openjdk-17-jre-headless/api/java.base/java/{util,lang,io,time}/*.html',
    main: /<main[^>]*>/,
    count: 20,
  },
  {
    generator: 'rustdoc',
    debianPackage: 'rust-doc',
    pages: 'usr/share/doc/rust-doc/html/std/{vec,fs,io,collections,string}/**/*.html',
    main: /<main>|<section id="main-content" class="content">/,
    count: 15,
  },
];

/** The pages of a manual that are measured: spread over all of them, without those that only send readers on. */
export function pagesOf({ pages, count }: Manual, root: string): string[] {
  const all = globSync(join(root, pages))
    .filter((file) => !/genindex|-members|class-use|_8h_source|_source\.html/.test(file))
    .sort();
  return Array.from(
    { length: Math.min(count, all.length) },
    (_, index) => all[Math.floor((index * all.length) / Math.min(count, all.length))] as string,
  );
}
