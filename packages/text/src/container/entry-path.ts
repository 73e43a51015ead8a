/** The entry that a path in a file means: `..` goes up, but never out of the archive. */
export function resolvePart(folder: string, target: string): string {
  const path = decodePath(target.replace(/[?#].*$/s, ''));
  const names: string[] = [];
  for (const name of (path.startsWith('/') ? path : folder + path).split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names.join('/');
}

/** A path is written as in an address, where `%20` stands for a space. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
