import { useState } from "react";
import { IconButton } from "./Button";

const STORED = "h5scout-theme";

type Theme = "light" | "dark";

/** Applies what was chosen earlier; without a choice the page is as the system is. */
export function applyStoredTheme(): void {
  const stored = localStorage.getItem(STORED);
  if (stored === "light" || stored === "dark") document.documentElement.dataset.theme = stored;
}

export function ThemeButton() {
  const [theme, setTheme] = useState(themeInForce);
  const other: Theme = theme === "light" ? "dark" : "light";
  return (
    <IconButton
      icon="theme"
      label={`Switch to ${other} colours`}
      onClick={() => {
        document.documentElement.dataset.theme = other;
        localStorage.setItem(STORED, other);
        setTheme(other);
      }}
    />
  );
}

function themeInForce(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
