import {
  ASPECTS,
  COLOURS,
  COMPLEX_PARTS,
  goTo,
  SCALES,
  type Aspect,
  type Place,
} from "../router/place";
import styles from "./DataView.module.css";

interface Props {
  place: Place;
  /** Whether one number of each complex one is shown. */
  hasComplex: boolean;
  hasScale: boolean;
  hasColours: boolean;
  /** What the aspect is as long as none is chosen; null where there is none. */
  aspect: Aspect | null;
  /** Whether attributes say that stored numbers stand for others. */
  hasConversion: boolean;
}

/** What elements look like: which part of complex ones, the scale and the colours of a picture, and which numbers. */
export function Looks(props: Props) {
  const { place, hasComplex, hasScale, hasColours, aspect, hasConversion } = props;
  return (
    <>
      {hasComplex && (
        <Choice
          label="Complex"
          names={COMPLEX_PARTS}
          value={place.complex}
          onChange={(complex) => {
            goTo({ ...place, complex }, { replace: true });
          }}
        />
      )}
      {hasScale && (
        <Choice
          label="Scale"
          names={SCALES}
          value={place.scale}
          onChange={(scale) => {
            goTo({ ...place, scale }, { replace: true });
          }}
        />
      )}
      {hasColours && (
        <Choice
          label="Colours"
          names={COLOURS}
          value={place.colours}
          onChange={(colours) => {
            goTo({ ...place, colours }, { replace: true });
          }}
        />
      )}
      {aspect && (
        <Choice
          label="Aspect"
          names={ASPECTS}
          value={place.aspect ?? aspect}
          onChange={(aspect) => {
            goTo({ ...place, aspect }, { replace: true });
          }}
        />
      )}
      {hasConversion && (
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={place.isRaw}
            onChange={(event) => {
              goTo({ ...place, isRaw: event.target.checked }, { replace: true });
            }}
          />
          As stored
        </label>
      )}
    </>
  );
}

interface ChoiceProps<Name extends string> {
  label: string;
  names: readonly Name[];
  value: Name;
  onChange: (name: Name) => void;
}

function Choice<Name extends string>({ label, names, value, onChange }: ChoiceProps<Name>) {
  return (
    <label className={styles.choice}>
      {label}
      <select
        value={value}
        onChange={(event) => {
          const chosen = names.find((name) => name === event.target.value);
          if (chosen) onChange(chosen);
        }}
      >
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
