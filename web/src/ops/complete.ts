/**
 * Completion in the files of the flows folder, from the JSON Schemas that the service makes of its own language.
 *
 * The place of the cursor is read from indentation, which is how people write these files; inside braces the
 * innermost pair counts. What cannot be told gives no suggestion rather than a wrong one.
 */

export interface Schema {
  type?: string | string[];
  description?: string;
  title?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  required?: string[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}

/** By kind of file; see {@link kindOf}. */
export type Schemas = Record<FileKind, Schema>;
export type FileKind = "flow" | "hotlines" | "queues" | "hours";

/** What a file of the flows folder holds, told by its name. */
export function kindOf(file: string): FileKind {
  const named = /^(hotlines|queues|hours)\.yaml$/.exec(file)?.[1];
  return (named as FileKind | undefined) ?? "flow";
}

export interface Suggestion {
  label: string;
  detail?: string;
  /** What is written; the label if absent. */
  insert?: string;
}

export interface Names {
  queues: string[];
  flows: string[];
  calendars: string[];
  shifts: string[];
  hotlines: string[];
  trunks: string[];
}

export interface Place {
  /** Keys from the top down to the mapping that the cursor is in. */
  path: string[];
  /** Set when the cursor stands behind `key:`. */
  key: string | null;
  /** What is typed already of the word at the cursor, and where it begins. */
  typed: string;
  from: number;
  /** Keys that this mapping has already. */
  siblings: string[];
}

/** What stands before the key (a dash begins an entry of a list, and counts as indentation), and the key. */
const KEY = /^(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s:#{}[\],]+):(?=\s|$)/;
const DEPTH = /^\s*(?:- +)*/;

function bare(key: string): string {
  return key.replace(/^["']|["']$/g, "");
}

/** Where in the file the cursor is. */
export function placeAt(text: string, position: number): Place {
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.slice(lineStart);
  const typed = /[^\s:{}[\],"']*$/.exec(line)?.[0] ?? "";
  const from = position - typed.length;
  const indent = DEPTH.exec(line)![0].length;

  const path: string[] = [];
  let limit = indent;
  const lines = before.slice(0, lineStart).split("\n").slice(0, -1);
  const openAt = line.lastIndexOf("{") > line.lastIndexOf("}") ? line.lastIndexOf("{") : -1;
  const own = KEY.exec(line);
  for (let n = lines.length - 1; n >= 0 && limit > 0; n--) {
    const found = KEY.exec(lines[n]!);
    if (found && found[1]!.length < limit) {
      path.unshift(bare(found[2]!));
      limit = found[1]!.length;
    }
  }

  if (openAt >= 0) {
    if (own) path.push(bare(own[2]!));
    const inside = line.slice(openAt + 1);
    const part = inside.slice(inside.lastIndexOf(",") + 1);
    const key = /^\s*([^\s:]+):\s+\S*$/.exec(part);
    const siblings = [...inside.matchAll(/([A-Za-z_*#0-9]+):/g)].map((m) => m[1]!);
    return { path, key: key ? bare(key[1]!) : null, typed, from, siblings };
  }
  const inValue = own !== null && own[0].length <= line.length - typed.length && /:\s/.test(line);
  return { path, key: inValue ? bare(own![2]!) : null, typed, from, siblings: siblingsOf(text, lineStart, indent) };
}

/** Keys of the same mapping, above and below the line. */
function siblingsOf(text: string, lineStart: number, indent: number): string[] {
  const found: string[] = [];
  const lines = text.slice(lineStart).split("\n");
  /** False once the mapping ends: less indentation, or another entry of its list. */
  const take = (line: string, above: boolean): boolean => {
    if (!line.trim() || line.trim().startsWith("#")) return true;
    const depth = DEPTH.exec(line)![0].length;
    const begins = depth === indent && line.trimStart().startsWith("- ");
    if (depth < indent || (begins && !above)) return false;
    const key = KEY.exec(line);
    if (depth === indent && key) found.push(bare(key[2]!));
    return !begins;
  };
  if (!lines[0]!.trimStart().startsWith("- ")) {
    for (const line of text.slice(0, lineStart).split("\n").slice(0, -1).reverse()) if (!take(line, true)) break;
  }
  for (const line of lines.slice(1)) if (!take(line, false)) break;
  return found;
}

/** The schemas that may hold at a path; several where the file does not decide yet. */
export function schemasAt(root: Schema, path: readonly string[], siblings: readonly string[]): Schema[] {
  let here = options(root, root);
  path.forEach((key, depth) => {
    const last = depth === path.length - 1;
    here = here.flatMap((schema) => {
      const next = schema.properties?.[key] ?? (typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined);
      return next ? options(root, next) : [];
    });
    if (last) here = narrowed(here, siblings);
  });
  return here;
}

function options(root: Schema, schema: Schema): Schema[] {
  if (schema.$ref) {
    const target = root.$defs?.[schema.$ref.replace("#/$defs/", "")];
    return target ? options(root, target) : [];
  }
  if (schema.anyOf) return schema.anyOf.flatMap((one) => options(root, one));
  // An entry of a list is written where the list stands.
  if (schema.items) return options(root, schema.items);
  return [schema];
}

/** Of several kinds of step, the one whose own key is there. */
function narrowed(schemas: Schema[], siblings: readonly string[]): Schema[] {
  const decided = schemas.filter((schema) => schema.title && siblings.includes(schema.title));
  return decided.length ? decided : schemas;
}

/** The names that stand below a key of the file's edge, at the next depth. */
export function namesUnder(text: string, top: string): string[] {
  const begin = new RegExp(`^${top}:\\s*$`, "m").exec(text);
  if (!begin) return [];
  const names: string[] = [];
  for (const line of text.slice(begin.index + begin[0].length).split("\n").slice(1)) {
    if (/^\S/.test(line) && !line.startsWith("#")) break;
    const found = /^ {2}([A-Za-z_][A-Za-z0-9_-]*):/.exec(line);
    if (found) names.push(found[1]!);
  }
  return names;
}

function topNames(text: string): string[] {
  return [...text.matchAll(/^("[^"]+"|'[^']+'|[\w+-]+):/gm)].map((found) => bare(found[1]!));
}

/** What may be named, read from the files as they are being edited. */
export function namesIn(files: Readonly<Record<string, string | null>>, trunks: string[]): Names {
  const text = (name: string) => files[name] ?? "";
  const flows = Object.entries(files).flatMap(([name, content]) =>
    kindOf(name) === "flow" && content !== null ? [...content.matchAll(/^flow:\s*([\w-]+)/gm)].map((found) => found[1]!) : [],
  );
  return {
    queues: topNames(text("queues.yaml")).filter((name) => name !== "desk"),
    hotlines: topNames(text("hotlines.yaml")),
    calendars: namesUnder(text("hours.yaml"), "calendars"),
    shifts: namesUnder(text("hours.yaml"), "shifts"),
    flows,
    trunks,
  };
}

const TARGETS = new Set([
  "next", "start", "open", "closed", "holiday", "found", "not_found", "else", "go", "overflow",
  "on_fail", "on_timeout", "on_invalid", "on_error", "on_overflow",
]);

/** What may be written at the cursor. */
export function suggest(root: Schema, text: string, position: number, names: Names): { from: number; options: Suggestion[] } {
  const place = placeAt(text, position);
  const found = place.key === null ? keysAt(root, place) : valuesOf(root, place, text, names);
  return { from: place.from, options: found };
}

function keysAt(root: Schema, place: Place): Suggestion[] {
  const schemas = schemasAt(root, place.path, place.siblings);
  const found = new Map<string, Suggestion>();
  const undecided = schemas.length > 1 && schemas.every((schema) => schema.title);
  for (const schema of schemas) {
    const properties = Object.entries(schema.properties ?? {});
    // A step that does not say yet what it does is first asked just that.
    for (const [key, value] of undecided ? properties.filter(([key]) => key === schema.title || key === "label") : properties) {
      if (place.siblings.includes(key) || found.has(key)) continue;
      found.set(key, { label: key, insert: `${key}: `, ...(value.description ? { detail: value.description } : {}) });
    }
  }
  return [...found.values()];
}

function valuesOf(root: Schema, place: Place, text: string, names: Names): Suggestion[] {
  const key = place.key!;
  const named = (list: readonly string[]): Suggestion[] => list.map((label) => ({ label }));
  const parent = place.path[place.path.length - 1];
  const kind = root.title;
  if (kind === "Hotlines") {
    if (key === "flow" || key === "busy_flow") return named(names.flows);
    if (key === "trunk") return named(names.trunks);
  } else if (kind === "Queues") {
    if (key === "to" && parent === "overflow") return named(names.queues.filter((name) => name !== place.path[0]));
  } else if (kind === "Hours") {
    if (key === "shifts" || parent === "shifts") return named(names.shifts);
  } else {
    if (TARGETS.has(key) || parent === "keys") return named([...namesUnder(text, "steps"), "end"]);
    if (key === "queue" || (parent === "queue" && key === "name")) return named(names.queues);
    if (key === "subflow") return named(names.flows);
    if (key === "hours") return named(names.calendars);
    if (key === "hotline") return named(names.hotlines.map((number) => `"${number}"`));
  }
  const schemas = schemasAt(root, [...place.path, key], []);
  const values = schemas.flatMap((schema) => schema.enum ?? (schema.type === "boolean" ? [true, false] : []));
  return named([...new Set(values.map(String))]);
}
