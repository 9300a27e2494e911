import { Link } from "../router/Link";
import { referenceText, targetOfReference, type Reference } from "./reference";

/** A reference as a link to the object; a null reference as words. */
export function ReferenceLink({ reference, fileKey }: { reference: Reference; fileKey: string }) {
  const object = targetOfReference(reference);
  if (!object) return referenceText(reference);
  return (
    <Link to={{ key: fileKey, object }} title={`${reference.reference} reference`}>
      {referenceText(reference)}
    </Link>
  );
}
