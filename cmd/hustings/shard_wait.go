package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/hustings/hustings/api"
)

const (
	lookEvery = 250 * time.Millisecond
	sayEvery  = 5 * time.Second // where nobody looks at a terminal
)

// await says how far markets are until none of those that left counts is left. That nobody answers for a while is no reason
// to give up.
func (s *shardChange) await(ctx context.Context, c *cobra.Command, done string, left func(api.Shards) uint64, status api.Shards) error {
	w, all := c.OutOrStdout(), left(status)
	if all == 0 {
		fmt.Fprintln(w, done)
		return nil
	}
	fmt.Fprintf(w, "%s of %s markets move (%s).\n", number(all), number(status.Markets), share(all, status.Markets))
	if s.noWait {
		fmt.Fprintln(w, "hustings shard status shows how far they are.")
		return nil
	}
	fmt.Fprintln(w, "Ctrl-C ends the waiting, not the moves.")
	epoch, begun, said := status.Epoch, time.Now(), time.Now()
	bar := newProgress(c, "moving", int64(all))
	defer bar.finish()
	for pause := lookEvery; ; {
		if !sleep(ctx, pause) {
			bar.finish()
			return errNoWaiting
		}
		asked := time.Now()
		status, err := s.shards(ctx)
		pause = max(lookEvery, 8*time.Since(asked))      // to count a million markets takes a while
		if status.Health == "" || status.Epoch < epoch { // a node that does not know of the change yet
			if errors.Is(ctx.Err(), context.Canceled) {
				continue
			}
			said = sayLate(w, said, fmt.Sprintf("  no node says how far they are (%v)", err))
			continue
		}
		now := left(status)
		all = max(all, now)
		if now == 0 {
			bar.finish()
			fmt.Fprintf(w, "%s It took %v.\n", done, time.Since(begun).Round(time.Second/10))
			return nil
		}
		bar.setOf(int(all-now), int(all))
		if bar.bar == nil {
			said = sayLate(w, said, "  "+howFar(all-now, all, time.Since(begun)))
		}
	}
}

// sayLate says something unless something was said a moment ago, and returns when something was said last.
func sayLate(w io.Writer, said time.Time, text string) time.Time {
	if time.Since(said) < sayEvery {
		return said
	}
	fmt.Fprintln(w, text)
	return time.Now()
}

// howFar says how much is done and, once that can be estimated, how long the rest takes.
func howFar(done, of uint64, took time.Duration) string {
	text := fmt.Sprintf("%s of %s markets have moved", number(done), number(of))
	if done == 0 {
		return text
	}
	rest := time.Duration(float64(took) * float64(of-done) / float64(done))
	return fmt.Sprintf("%s, about %v left", text, max(rest.Round(time.Second), time.Second))
}

// sleep waits, and is false when there is no time left.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
