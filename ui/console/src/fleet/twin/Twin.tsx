import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { twin as readTwin } from '../api/fleet';
import type { Booth, Doc, Twin as TwinData, TwinVersion } from '../api/wire';
import { useMay, useSay } from '../context';
import { when } from '../format';
import { Failure } from '../parts/Empty';
import { actorName } from '../words';
import { changes, problems, rebase } from './diff';
import { Form } from './Form';
import { History } from './History';
import { JsonView } from './JsonView';
import { Review } from './Review';

type Part = 'form' | 'json' | 'history';

// Twin is what the booth should be and what it says it is. What is being edited is kept when a newer version comes in from elsewhere.
export default function Twin({ booth }: { booth: Booth }) {
  const { t } = useTranslation();
  const q = useQuery({ queryKey: ['twin', booth.id], queryFn: ({ signal }) => readTwin(booth.id, signal), refetchInterval: 30_000 });
  if (q.isPending) return <div className="page-wait" aria-busy="true" />;
  if (!q.data) return <Failure title={t('failed.title')} error={q.error} again={() => void q.refetch()} />;
  return <Editor booth={booth} twin={q.data} />;
}

interface Draft {
  base: TwinData; // what the draft was made from
  doc: Doc;
}

// What was being edited is there again after a look at another tab.
const drafts = new Map<string, Draft>();

function useDraft(id: string, twin: TwinData): [Doc, (doc: Doc) => void, () => void] {
  const { t } = useTranslation();
  const say = useSay();
  const [draft, setDraft] = useState<Draft>(() => drafts.get(id) ?? { base: twin, doc: twin.desired ?? {} });
  const told = useRef(twin.version);
  useEffect(() => {
    if (changes(draft.base.desired ?? {}, draft.doc).length > 0) drafts.set(id, draft);
    else drafts.delete(id);
  }, [id, draft]);
  useEffect(() => {
    if (twin.version === draft.base.version) return;
    const base = draft.base.desired ?? {};
    const edited = changes(base, draft.doc).length > 0;
    const doc = rebase(base, draft.doc, twin.desired ?? {});
    setDraft({ base: twin, doc });
    if (edited && changes(twin.desired ?? {}, doc).length > 0 && told.current !== twin.version) {
      void say?.warning({ content: t('twin.conflict', { who: actorName(t, twin.actor), n: twin.version }), duration: 10, key: 'twin' });
    }
    told.current = twin.version;
  }, [twin, draft, say, t]);
  // Never for a moment is an old draft set against a new version: it would read as if it undid what came between.
  const doc = twin.version === draft.base.version ? draft.doc : rebase(draft.base.desired ?? {}, draft.doc, twin.desired ?? {});
  return [doc, (doc) => setDraft({ base: draft.base, doc }), () => setDraft({ base: twin, doc: twin.desired ?? {} })];
}

function Editor({ booth, twin }: { booth: Booth; twin: TwinData }) {
  const { t } = useTranslation();
  const may = useMay() && booth.standing !== 'retired';
  const client = useQueryClient();
  const [part, setPart] = useState<Part>('form');
  const [doc, setDoc, discard] = useDraft(booth.id, twin);
  const [review, setReview] = useState<TwinVersion | 'draft' | null>(null);
  const todo = useMemo(() => changes(twin.desired ?? {}, doc), [twin, doc]);
  const wrong = useMemo(() => problems(doc), [doc]);
  const wish = review === null ? null : review === 'draft' ? { doc, note: '', again: 0 } : { doc: review.config, note: t('twin.setAgainNote', { n: review.version }), again: review.version };
  const saved = (n: TwinData): void => {
    client.setQueryData(['twin', booth.id], n);
    void client.invalidateQueries({ queryKey: ['twinHistory', booth.id] });
    setReview(null);
  };
  return (
    <div className="twin">
      <div className="bar">
        <Segmented<Part> value={part} onChange={setPart} options={(['form', 'json', 'history'] as const).map((value) => ({ value, label: t(`twin.${value}`) }))} />
        <Status twin={twin} />
        {may && part !== 'history' && (
          <span className="twin-buttons">
            <span className="soft small">{todo.length > 0 ? t('twin.changes', { n: todo.length }) : t('twin.noChanges')}</span>
            <Button disabled={todo.length === 0} onClick={discard}>
              {t('twin.discard')}
            </Button>
            <Button type="primary" disabled={todo.length === 0 || wrong.size > 0} onClick={() => setReview('draft')}>
              {t('twin.review')}
            </Button>
          </span>
        )}
      </div>
      {part === 'form' && <Form twin={twin} doc={doc} set={setDoc} wrong={wrong} may={may} />}
      {part === 'json' && <JsonView twin={twin} doc={doc} set={setDoc} wrong={wrong} may={may} />}
      {part === 'history' && <History booth={booth} twin={twin} may={may} again={setReview} />}
      <Review booth={booth} twin={twin} wish={wish} close={() => setReview(null)} saved={saved} refresh={() => void client.invalidateQueries({ queryKey: ['twin', booth.id] })} />
    </div>
  );
}

function Status({ twin: w }: { twin: TwinData }) {
  const { t, i18n } = useTranslation();
  const drift = w.drift?.length ?? 0;
  const answer = w.reported_ms === 0 ? t('twin.noAnswer') : t(w.reported_version < w.version ? 'twin.behind' : 'twin.answers', { n: w.reported_version });
  return (
    <span className="twin-status">
      <span className={drift > 0 ? 'chip chip-hot' : 'chip'}>{drift > 0 ? t('twin.drift', { n: drift }) : t('twin.noDrift')}</span>
      <span className="soft small">
        {w.version === 0 ? t('twin.never') : t('twin.by', { n: w.version, who: actorName(t, w.actor), when: when(w.changed_ms, i18n.language, 'short') })} · {answer}
      </span>
    </span>
  );
}
