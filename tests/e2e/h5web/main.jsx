// H5Web as its documentation says it is used, over the server and the file that the page's address
// names: ?url=http://HOST:PORT/h5grove&file=KEY
import "@h5web/app/styles.css";

import { App, H5GroveProvider } from "@h5web/app";
import { createRoot } from "react-dom/client";

const asked = new URLSearchParams(location.search);

createRoot(document.getElementById("root")).render(
  <H5GroveProvider url={asked.get("url")} filepath={asked.get("file")}>
    <App />
  </H5GroveProvider>,
);
