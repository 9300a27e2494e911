import "./styles/tokens.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { HttpProvider } from "./api/http";
import { App } from "./App";
import { applyStoredTheme } from "./shared/ThemeButton";

applyStoredTheme();

const root = document.getElementById("root");
if (!root) throw new Error("the document has no #root");
createRoot(root).render(
  <StrictMode>
    <App provider={new HttpProvider()} />
  </StrictMode>,
);
