import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Metrics } from './metrics.js';

test('tallies tell what a histogram of prom-client tells of the same durations', async () => {
  const observations = fc.array(
    fc.tuple(fc.constantFrom('A', 'B'), fc.oneof(fc.double({ min: 0, max: 6, noNaN: true }), fc.constant(0.0025))),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  await fc.assert(
    fc.asyncProperty(observations, async (durations) => {
      const metrics = new Metrics('test');
      const description = { help: 'Time.', labelNames: ['method'] as const };
      const histogram = metrics.durations({ ...description, name: 'a_seconds' });
      const tallies = metrics.tallies({ ...description, name: 'b_seconds' });
      for (const [method, seconds] of durations) {
        histogram.observe({ method }, seconds);
        tallies.tally({ method }).observe(seconds);
      }
      const text = await metrics.text();
      expect(seriesOf(text, 'b_seconds')).toEqual(seriesOf(text, 'a_seconds'));
    }),
    { numRuns: 30 },
  );
});

/** Every sample of a metric, its labels in order of the alphabet. */
function seriesOf(text: string, name: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .map((line) => {
      const [, suffix = '', labels = '', value = ''] = /^._seconds(\w*)\{(.*)\} (.*)$/.exec(line) ?? [];
      return `${suffix} ${labels.split(',').sort().join(',')} ${Number(value).toPrecision(9)}`;
    })
    .sort();
}
