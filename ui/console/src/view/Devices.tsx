import { Button, Select, Slider } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEngine, useSettings } from './context';

export function Devices() {
  const { t } = useTranslation();
  const desk = useEngine();
  const settings = useSettings();
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  useEffect(() => {
    const look = (): void => {
      void navigator.mediaDevices?.enumerateDevices().then(setDevices, () => setDevices([]));
    };
    look();
    navigator.mediaDevices?.addEventListener('devicechange', look);
    return () => navigator.mediaDevices?.removeEventListener('devicechange', look);
  }, []);
  const of = (kind: MediaDeviceKind): { value: string; label: string }[] => [
    { value: '', label: t('devices.default') },
    ...devices.filter((d) => d.kind === kind && d.label && d.deviceId !== 'default').map((d) => ({ value: d.deviceId, label: d.label })),
  ];
  const named = devices.some((d) => d.label);
  return (
    <div className="devices">
      <label>
        <span>{t('devices.microphone')}</span>
        <Select value={settings.microphone} options={of('audioinput')} onChange={(microphone) => desk.set({ microphone })} />
      </label>
      <label>
        <span>{t('devices.speaker')}</span>
        <Select value={settings.speaker} options={of('audiooutput')} onChange={(speaker) => desk.set({ speaker })} />
      </label>
      {!named && <p className="soft small">{t('devices.name')}</p>}
      <label>
        <span>{t('devices.volume')}</span>
        <div className="devices-volume">
          <Slider
            min={0}
            max={100}
            value={Math.round(settings.volume * 100)}
            onChange={(v) => desk.set({ volume: v / 100 })}
            ariaLabelForHandle={t('devices.volume')}
          />
          <Button onClick={() => desk.sound.sample()}>{t('devices.test')}</Button>
        </div>
      </label>
    </div>
  );
}
