// What keeps people from reading or reaching something on a page; see looks.py.
() => {
  const found = new Set();
  const rgba = (text) => {
    const [r, g, b, a = 1] = (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const light = (colour) => {
    const [r, g, b] = colour.map((each) => (each / 255 <= 0.03928 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== "none") return null;  // stripes: their colours are not known here
      layers.push(rgba(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getClientRects().length > 0;
  const said = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].slice(0, 3).join(".")}`;
  const off = (element) => element.closest("[disabled], [aria-disabled=true], .ant-select-disabled, fieldset:disabled");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element || ["SCRIPT", "STYLE"].includes(element.tagName) || !shown(element) || off(element)) continue;
    const style = getComputedStyle(element), under = ground(element);
    if (!under) continue;
    let alpha = 1;
    for (let one = element; one; one = one.parentElement) alpha *= Number(getComputedStyle(one).opacity);
    const [r, g, b, a] = rgba(element instanceof SVGElement ? style.fill : style.color);
    const [bright, dark] = [light(over([r, g, b, a * alpha], under)), light(under)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.add(`contrast ${ratio.toFixed(2)} ${said(element)} "${node.data.trim().slice(0, 20)}"`);
  }
  for (const element of document.querySelectorAll("input, select, textarea, button, a[href], [role=button], [role=combobox]")) {
    if (!shown(element) || element.type === "hidden" || element.ariaHidden === "true") continue;
    const labels = [...(element.labels ?? [])].map((one) => one.textContent).join("");
    const by = (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
    const own = [element.ariaLabel, by, labels, element.title, element.placeholder, element.textContent, element.querySelector("img")?.alt];
    if (!own.some((one) => one?.trim())) found.add(`no name ${said(element)} in ${said(element.parentElement)}`);
  }
  for (const element of document.querySelectorAll("[tabindex]")) if (element.tabIndex > 0) found.add(`order ${said(element)}`);
  return [...found];
}
