import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { addressOf, goTo, type Place } from "./place";

type Props = { to: Partial<Place> } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href">;

/** A link within the page. It is a real one: it can be copied, and opened in another tab. */
export function Link({ to, children, onClick, ...others }: Props) {
  function follow(event: MouseEvent<HTMLAnchorElement>) {
    onClick?.(event);
    const isForBrowser = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || isForBrowser || event.button !== 0) return;
    event.preventDefault();
    goTo(to);
  }
  return (
    <a {...others} href={addressOf(to)} onClick={follow}>
      {children}
    </a>
  );
}
