import { expect, test } from '@jest/globals';
import { pairTable } from './report.js';

test('a table holds medians, and the ratios of neighbours', () => {
  const pair = {
    left: [{ rate: 2000 }, { rate: 1000 }, { rate: 3000 }],
    right: [{ rate: 4000 }, { rate: 4000 }, { rate: 4000 }],
  };
  const table = pairTable(['ours', 'floor'], pair, [{ title: 'requests', of: ({ rate }) => rate }]);
  expect(table.split('\n')).toEqual([
    '| median | ours | floor | ratio | ratios |',
    '| --- | --: | --: | --: | --: |',
    '| requests | 2,000 | 4,000 | 0.50 | 0.25 to 0.75 |',
  ]);
});
