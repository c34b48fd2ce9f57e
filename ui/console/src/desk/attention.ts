// Draws the agent's eye when the desk is behind other windows: the title blinks, the tab's icon changes, a notification if it is allowed.

const blinkEvery = 900;
const calmIcon = '/desk/icon.svg';
const hotIcon = '/desk/icon-ringing.svg';

export class Attention {
  private timer = 0;
  private calm = document.title;
  private note: Notification | null = null;

  // title is what the tab says while nothing rings.
  title(text: string): void {
    this.calm = text;
    if (!this.timer) document.title = text;
  }

  call(title: string, body: string): void {
    this.stop();
    let on = true;
    const blink = (): void => {
      document.title = on ? `● ${title}` : this.calm;
      on = !on;
    };
    blink();
    this.timer = window.setInterval(blink, blinkEvery);
    icon(hotIcon);
    if (document.visibilityState === 'visible' && document.hasFocus()) return;
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    this.note = new Notification(title, { body, icon: calmIcon, tag: 'offer', requireInteraction: true, silent: true });
    this.note.onclick = () => {
      window.focus();
      this.note?.close();
    };
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
    document.title = this.calm;
    icon(calmIcon);
    this.note?.close();
    this.note = null;
  }

  // allow asks for notifications; a browser lets us ask only while the agent touches something.
  allow(): void {
    if ('Notification' in window && Notification.permission === 'default') void Notification.requestPermission();
  }
}

function icon(href: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (link && link.getAttribute('href') !== href) link.setAttribute('href', href);
}
