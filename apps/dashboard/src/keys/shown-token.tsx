import { useState } from 'react';

interface ShownTokenProps {
  readonly token: string;
  /** In the words of the API. */
  readonly warning: string;
  readonly onClose: () => void;
}

/** The only moment at which a token can be seen: it is held nowhere but here, and gone when this is. */
export function ShownToken({ token, warning, onClose }: ShownTokenProps) {
  const [copied, setCopied] = useState<'copied' | 'refused' | null>(null);
  const copy = () => {
    const clipboard = navigator.clipboard as Clipboard | undefined; // on plain http there is none
    if (clipboard === undefined) {
      setCopied('refused');
      return;
    }
    clipboard.writeText(token).then(
      () => {
        setCopied('copied');
      },
      () => {
        setCopied('refused');
      },
    );
  };
  return (
    <>
      <p className="warning">{warning}</p>
      <output className="token">{token}</output>
      <p role="status">
        {copied === 'copied' && 'Copied.'}
        {copied === 'refused' && 'The browser does not let this page copy. Select the text and copy it yourself.'}
      </p>
      <div className="buttons">
        <button type="button" onClick={copy}>
          Copy
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          I have saved it
        </button>
      </div>
    </>
  );
}
