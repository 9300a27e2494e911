import { useEffect, useRef } from "react";
import { setToken, tokenIsPutAside } from "./api/token";
import { Button } from "./shared/Button";
import styles from "./TokenForm.module.css";

/** Asks for the token that the server wants. It is kept in this tab only. */
export function TokenForm({ hadToken }: { hadToken: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby="token-title"
      onClose={tokenIsPutAside}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get("token");
          if (typeof token === "string" && token.trim()) setToken(token.trim());
        }}
      >
        <h2 id="token-title">A token is needed</h2>
        <p>
          {hadToken
            ? "The server does not know the token of this tab, or it has expired."
            : "This server answers only to those who have a token. Who runs it can give you one."}
        </p>
        <label htmlFor="token">Token</label>
        <input id="token" name="token" type="password" autoComplete="off" required />
        <Button type="submit" look="strong">
          Use it in this tab
        </Button>
      </form>
    </dialog>
  );
}
