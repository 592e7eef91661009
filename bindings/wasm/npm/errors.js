// Errors come over the border as JSON texts; here they become objects.

/** What every error of this package is. */
export class TagwardenError extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

/** A rulebook that does not compile, with every mistake. */
export class CompileError extends TagwardenError {
  constructor(message, diagnostics) {
    super(message);
    this.diagnostics = diagnostics;
  }
}

/** An input that was refused; nothing has changed. */
export class InputError extends TagwardenError {
  constructor({ message, class: _, ...parts }) {
    super(message);
    Object.assign(this, parts);
  }
}

/** A question without an answer. */
export class QueryError extends TagwardenError {
  constructor({ message, kind }) {
    super(message);
    this.kind = kind;
  }
}

/** A snapshot that is refused. */
export class SnapshotError extends TagwardenError {
  constructor({ message, kind }) {
    super(message);
    this.kind = kind;
  }
}

/** The message with its place in UTF-16 units, as JavaScript counts, beside the others. */
export function placed(record) {
  const { start, end } = record.place;
  const labels = record.labels.map((label) => ({
    ...label,
    from: label.place.start.utf16,
    to: label.place.end.utf16,
  }));
  return { ...record, from: start.utf16, to: end.utf16, labels };
}

function translated(text) {
  const parts = JSON.parse(text);
  switch (parts.class) {
    case "compile":
      return new CompileError(parts.message, parts.diagnostics.map(placed));
    case "input":
      return new InputError(parts);
    case "query":
      return new QueryError(parts);
    case "snapshot":
      return new SnapshotError(parts);
    default:
      return new TypeError(parts.message);
  }
}

/** Calls into the module. */
export function call(work) {
  try {
    return work();
  } catch (error) {
    throw typeof error === "string" ? translated(error) : error;
  }
}
