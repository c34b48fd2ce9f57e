// What this browser remembers for the agent. Nothing of a citizen is ever kept here.

export interface Settings {
  lang: 'zh' | 'en';
  look: 'auto' | 'light' | 'dark';
  volume: number; // of the ring, 0 to 1
  microphone: string; // device id, empty: the default
  speaker: string;
}

const key = 'laoyou.desk';
const usual: Settings = { lang: 'zh', look: 'light', volume: 0.7, microphone: '', speaker: '' };

export function load(): Settings {
  const first = { ...usual, lang: navigator.language.startsWith('en') ? ('en' as const) : ('zh' as const) };
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Settings>;
    return {
      lang: kept.lang === 'zh' || kept.lang === 'en' ? kept.lang : first.lang,
      look: kept.look === 'dark' || kept.look === 'auto' || kept.look === 'light' ? kept.look : first.look,
      volume: typeof kept.volume === 'number' ? Math.max(0, Math.min(1, kept.volume)) : first.volume,
      microphone: typeof kept.microphone === 'string' ? kept.microphone : '',
      speaker: typeof kept.speaker === 'string' ? kept.speaker : '',
    };
  } catch {
    return first;
  }
}

export function save(s: Settings): void {
  try {
    localStorage.setItem(key, JSON.stringify(s));
  } catch {
    // A browser that keeps nothing asks again tomorrow.
  }
}
