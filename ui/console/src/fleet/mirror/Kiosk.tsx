// Kiosk draws a View as the booth's screen would look: the same parts in the same order and colours, as a sketch. Covered words are bars.
import { useTranslation } from 'react-i18next';
import skyline from '../../../../kiosk/art/skyline.svg';
import { MicrophoneIcon } from '../icons';
import { runs, type Action, type View } from './view';
import './kiosk.css';

export function Kiosk({ view: v }: { view: View }) {
  const { t } = useTranslation();
  return (
    <div className={`kiosk kiosk-${v.screen} ${v.contrast ? 'kiosk-contrast' : ''} ${v.large ? 'kiosk-large' : ''}`} lang={v.lang} role="img" aria-label={t(`screen.name.${v.screen}`)}>
      {(v.screen === 'S0' || v.screen === 'S1') && <img className="k-city" src={skyline} alt="" />}
      <div className="k-head">
        <img className="k-brand" src="/fleet/icon.svg" alt="" />
        <span className="k-place">
          <b>老友亭 Laoyou</b>
          <small>
            <Words text={v.place} />
          </small>
        </span>
        <b>{v.clock}</b>
      </div>
      {v.banner && (
        <div className={`k-banner k-banner-${v.banner.kind}`}>
          <Words text={v.banner.text} />
        </div>
      )}
      <div className="k-body">
        <Middle view={v} />
      </div>
      <Foot view={v} />
    </div>
  );
}

// Words shows what was left of a text, and a bar as long as what was covered.
function Words({ text }: { text: string }) {
  return (
    <>
      {runs(text).map((r, i) => (r.masked ? <i key={i} className="k-mask" style={{ width: `${Math.min([...r.text].length, 24) * 0.62}em` }} /> : <span key={i}>{r.text}</span>))}
    </>
  );
}

function Middle({ view: v }: { view: View }) {
  const { t } = useTranslation();
  return (
    <>
      {v.hellos.length > 0 && <p className="k-hellos">{v.hellos.join('  ')}</p>}
      {v.title && (
        <p className="k-title">
          <Words text={v.title} />
        </p>
      )}
      {v.subtitle && (
        <p className="k-sub">
          <Words text={v.subtitle} />
        </p>
      )}
      {v.body.map((p, i) => (
        <p key={i} className="k-text">
          <Words text={p} />
        </p>
      ))}
      {v.captions.map((c, i) => (
        <p key={i} className={`k-caption k-${c.who}`}>
          <Words text={c.text} />
        </p>
      ))}
      {v.line && (
        <div className={`k-line k-line-${v.line.state}`}>
          <b>
            <Words text={v.line.who} />
          </b>
          <span>{v.line.label ? <Words text={v.line.label} /> : t(`screen.line.${v.line.state}`)}</span>
          {v.line.seconds > 0 && <b>{v.line.seconds}</b>}
          {v.line.location && (
            <small>
              <Words text={v.line.location} />
            </small>
          )}
        </div>
      )}
      {v.card && <Table title={v.card.title} rows={v.card.rows} note={v.card.note} />}
      {v.slip && <Table title={v.slip.title} rows={[{ label: '№', value: v.slip.number }, { label: '#', value: v.slip.code }, ...v.slip.rows]} note={v.slip.note} />}
      {v.pad && <Pad label={v.pad.label} value={v.pad.value} />}
      {v.screen === 'S1' ? <Home view={v} /> : v.tiles.length > 0 && <Tiles list={v.tiles} focus={v.focus} />}
      {v.screen !== 'S1' && v.choices.length > 0 && (
        <div className="k-choices">
          {v.choices.map((a, i) => (
            <Button key={i} action={a} focus={v.focus !== '' && v.focus === a.id} />
          ))}
        </div>
      )}
      {v.strip && (
        <div className={`k-strip k-${v.strip.activity}`}>
          <i /> <Words text={v.strip.label} />
          {v.strip.hint && (
            <small>
              <Words text={v.strip.hint} />
            </small>
          )}
        </div>
      )}
    </>
  );
}

// Home is the microphone and its tiles.
function Home({ view: v }: { view: View }) {
  const [mic, ...rest] = v.choices;
  return (
    <>
      {mic && (
        <div className="k-mic">
          <i>
            <MicrophoneIcon weight="fill" />
          </i>
          <b>
            <Words text={mic.label} />
          </b>
        </div>
      )}
      {rest.length > 0 && (
        <div className="k-choices">
          {rest.map((a, i) => (
            <Button key={i} action={a} focus={v.focus !== '' && v.focus === a.id} />
          ))}
        </div>
      )}
      <Tiles list={v.tiles} focus={v.focus} />
    </>
  );
}

function Tiles({ list, focus }: { list: Action[]; focus: string }) {
  return (
    <div className={`k-tiles ${list.length > 8 ? 'k-tiles-many' : ''}`}>
      {list.map((a, i) => (
        <Button key={i} action={a} focus={focus !== '' && focus === a.id} />
      ))}
    </div>
  );
}

function Button({ action: a, focus }: { action: Action; focus: boolean }) {
  return (
    <div className={`k-button k-is-${a.emphasis || 'secondary'} ${a.on ? 'k-on' : ''} ${a.soon ? 'k-soon' : ''} ${focus ? 'k-focus' : ''}`}>
      {a.key && <kbd>{a.key}</kbd>}
      <b>
        <Words text={a.label} />
      </b>
      {a.sub && (
        <small>
          <Words text={a.sub} />
        </small>
      )}
    </div>
  );
}

function Table({ title, rows, note }: { title: string; rows: { label: string; value: string }[]; note: string }) {
  return (
    <div className="k-card">
      <b>
        <Words text={title} />
      </b>
      {rows
        .filter((r) => r.value)
        .map((r, i) => (
          <p key={i}>
            <span>
              <Words text={r.label} />
            </span>
            <span>
              <Words text={r.value} />
            </span>
          </p>
        ))}
      {note && (
        <small>
          <Words text={note} />
        </small>
      )}
    </div>
  );
}

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '⌫', '0', '#'];

function Pad({ label, value }: { label: string; value: string }) {
  return (
    <div className="k-pad">
      <p>
        <span>
          <Words text={label} />
        </span>
        <span>
          <Words text={value} />
        </span>
      </p>
      <div>
        {digits.map((d) => (
          <i key={d}>{d}</i>
        ))}
      </div>
    </div>
  );
}

function Foot({ view: v }: { view: View }) {
  const all = v.home ? [...v.footer.slice(0, 1), v.home, ...v.footer.slice(1)] : v.footer;
  if (all.length === 0) return null;
  return (
    <div className="k-foot">
      {all.map((a, i) => (
        <Button key={i} action={a} focus={v.focus !== '' && v.focus === a.id} />
      ))}
    </div>
  );
}
