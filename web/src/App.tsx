import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ProviderContext, type Provider } from "./api/provider";
import { useTokenState } from "./api/token";
import { Versions, VersionsContext, watched } from "./api/versions";
import styles from "./App.module.css";
import { ObjectView } from "./details/ObjectView";
import { FilesView } from "./explorer/FilesView";
import { FileView } from "./explorer/FileView";
import { Header } from "./Header";
import { usePlace } from "./router/place";
import { visibleText } from "./shared/format";
import { TokenForm } from "./TokenForm";

/** What was read so recently is shown again without a question. */
const FRESH_MS = 5_000;

/** At `/embed` only the object is shown: the page is in a frame of somebody else's. */
const isEmbedded = location.pathname.endsWith("/embed");

/** The whole page. */
export function App({ provider }: { provider: Provider }) {
  const { token, isWanted } = useTokenState();
  return (
    <>
      {isWanted && <TokenForm hadToken={token !== null} />}
      {/* With another token everything is another: nothing that was read is kept. */}
      <Page key={token} provider={provider} />
    </>
  );
}

function Page({ provider }: { provider: Provider }) {
  const [client] = useState(newClient);
  const [versions] = useState(() => new Versions());
  const [own] = useState(() => watched(provider, versions));
  return (
    <QueryClientProvider client={client}>
      <VersionsContext.Provider value={versions}>
        <ProviderContext.Provider value={own}>
          <Shown />
        </ProviderContext.Provider>
      </VersionsContext.Provider>
    </QueryClientProvider>
  );
}

function Shown() {
  const place = usePlace();
  const { key, object } = place;
  useEffect(() => {
    const name = object.path === undefined || object.path === "/" ? "" : ` ${object.path}`;
    const what = key === null ? place.prefix : key.slice(key.lastIndexOf("/") + 1) + name;
    document.title = what ? `${visibleText(what)} · h5scout` : "h5scout";
  }, [key, object, place.prefix]);
  if (isEmbedded && key !== null) {
    return (
      <div className={styles.embedded}>
        <ObjectView fileKey={key} place={place} />
        <a className={styles.whole} href={`./${location.search}`} target="_blank" rel="noreferrer">
          Open in h5scout
        </a>
      </div>
    );
  }
  return (
    <div className={styles.page}>
      <Header place={place} />
      <div className={styles.content}>
        {key === null ? (
          <FilesView place={place} />
        ) : (
          <FileView key={key} fileKey={key} place={place} />
        )}
      </div>
    </div>
  );
}

function newClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        // The server has tried again already where that can help.
        retry: false,
        refetchOnWindowFocus: false,
        // The server may be on this machine, whatever the browser thinks of its network.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
