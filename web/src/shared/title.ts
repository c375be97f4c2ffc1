/** The browser tab's words: the page's own, and before them what must be seen from another tab. */

let page = "";
let urgent = "";

function show(): void {
  document.title = urgent || page;
}

export function setTitle(words: string): void {
  page = words;
  show();
}

/** Empty: nothing is urgent any more. */
export function setUrgent(words: string): void {
  urgent = words;
  show();
}
