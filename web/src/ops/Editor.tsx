/** The YAML editor: completion from the schema, the service's errors at their places, the difference from live. */
import { autocompletion, closeBrackets, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, defaultHighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { unifiedMergeView } from "@codemirror/merge";
import { Compartment, EditorState, type Text } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { kindOf, suggest, type Names, type Schemas } from "./complete";
import type { Problem } from "./model";

interface Props {
  file: string;
  text: string;
  live: string;
  compare: boolean;
  readOnly: boolean;
  problems: readonly Problem[];
  schemas: Schemas | undefined;
  names: Names;
  /** Show this line; a new object each time somebody asks. */
  goTo: { line: number; column: number } | undefined;
  /** What the button says that takes one change back. */
  back: string;
  /** The schema's words on a key, in the page's language. */
  doc: (said: string) => string;
  onChange: (text: string) => void;
}

/** A change can be taken back here; "accepting" one would only hide it from the comparison. */
function controls(back: string): (type: "accept" | "reject", action: (event: MouseEvent) => void) => HTMLElement {
  return (type, action) => {
    const button = document.createElement("button");
    button.hidden = type === "accept";
    button.textContent = back;
    button.className = "ops-take-back";
    button.onmousedown = action;
    return button;
  };
}

/** Line and column from 1, as the service counts them (characters), as an offset that exists in the text. */
function offset(doc: Text, line: number, column: number): number {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  const characters = [...found.text];
  return Math.min(found.from + characters.slice(0, column - 1).join("").length, found.to);
}

function diagnostics(doc: Text, problems: readonly Problem[]): Diagnostic[] {
  return problems.map((problem) => {
    const from = offset(doc, problem.line, problem.column);
    const word = /^[^\s,}\]]+/.exec(doc.sliceString(from, doc.lineAt(from).to))?.[0].length ?? 0;
    const message = problem.hint ? `${problem.message}\n${problem.hint}` : problem.message;
    return { from, to: from + word, severity: problem.severity, message };
  });
}

export function Editor(props: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const parts = useRef({ merge: new Compartment(), access: new Compartment() });
  const newest = useRef(props);
  newest.current = props;

  useEffect(() => {
    const complete = (context: CompletionContext) => {
      const { schemas, names, file } = newest.current;
      if (!schemas) return null;
      const found = suggest(schemas[kindOf(file)], context.state.doc.toString(), context.pos, names);
      const word = context.pos > found.from;
      if (!found.options.length || (!word && !context.explicit && !/[\s{]$/.test(context.state.sliceDoc(0, context.pos)))) return null;
      return {
        from: found.from,
        options: found.options.map((one) => ({
          label: one.label,
          ...(one.insert ? { apply: one.insert } : {}),
          ...(one.detail ? { info: newest.current.doc(one.detail) } : {}),
        })),
        validFor: /^[\w"#*-]*$/,
      };
    };
    const { merge, access } = parts.current;
    const made = new EditorView({
      parent: holder.current!,
      state: EditorState.create({
        doc: newest.current.text,
        extensions: [
          lineNumbers(),
          lintGutter(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          drawSelection(),
          history(),
          indentOnInput(),
          indentUnit.of("  "),
          bracketMatching(),
          closeBrackets(),
          syntaxHighlighting(defaultHighlightStyle),
          yaml(),
          autocompletion({ override: [complete], activateOnTyping: true }),
          keymap.of([indentWithTab, ...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ "aria-label": newest.current.file, spellcheck: "false" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) newest.current.onChange(update.state.doc.toString());
          }),
          merge.of([]),
          access.of([]),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [props.file]);

  useEffect(() => {
    const made = view.current;
    if (made && made.state.doc.toString() !== props.text) {
      made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: props.text } });
    }
  }, [props.text, props.file]);

  useEffect(() => {
    const shown = props.compare ? unifiedMergeView({ original: props.live, mergeControls: props.readOnly ? false : controls(props.back) }) : [];
    view.current?.dispatch({ effects: parts.current.merge.reconfigure(shown) });
  }, [props.compare, props.live, props.file, props.readOnly, props.back]);

  useEffect(() => {
    const locked = props.readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : [];
    view.current?.dispatch({ effects: parts.current.access.reconfigure(locked) });
  }, [props.readOnly, props.file]);

  useEffect(() => {
    const state = view.current?.state;
    if (state) view.current!.dispatch(setDiagnostics(state, diagnostics(state.doc, props.problems)));
  }, [props.problems, props.file]);

  useEffect(() => {
    const made = view.current;
    if (!made || !props.goTo) return;
    const at = offset(made.state.doc, props.goTo.line, props.goTo.column);
    made.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    made.focus();
  }, [props.goTo, props.file]);

  return <div ref={holder} className="ops-editor" data-testid="flow-editor" />;
}
