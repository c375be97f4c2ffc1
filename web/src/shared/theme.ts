/** The colours of Ant Design's parts: the palette that the pages' own styles use, readable on white (WCAG AA, 4.5 to 1). */
import type { ThemeConfig } from "antd";

/** As `--quiet` of base.css, for what is drawn without a style sheet. */
export const QUIET_TEXT = "#5f6875";

export const THEME: ThemeConfig = {
  token: {
    colorPrimary: "#2563eb", colorLink: "#2563eb", colorLinkHover: "#1d4ed8", colorLinkActive: "#1e40af", colorInfo: "#2563eb", colorError: "#dc2626", colorSuccess: "#15803d",
    colorTextTertiary: QUIET_TEXT, colorTextDescription: QUIET_TEXT, colorTextPlaceholder: QUIET_TEXT,
    // The letters of tags; what is under them stays as light as it comes.
    orange7: "#c2410c", gold7: "#a16207", green7: "#15803d", cyan7: "#0e7490",
  },
};
