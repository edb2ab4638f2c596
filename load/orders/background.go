package orders

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Background is a load that goes on while something else happens. It is for one goroutine.
type Background struct {
	ended chan error
	stop  context.CancelFunc
}

// Start starts a load, which lasts until it is stopped or ctx ends.
func Start(ctx context.Context, c Config) *Background {
	c.Warmup, c.Duration = 0, 24*time.Hour // it is stopped
	b := &Background{ended: make(chan error, 1)}
	ctx, b.stop = context.WithCancel(ctx)
	go func() {
		_, err := Run(ctx, c)
		b.ended <- err
	}()
	return b
}

// Cancel stops the load without waiting for the last answers.
func (b *Background) Cancel() { b.stop() }

// End stops the load and waits for the last answers.
func (b *Background) End() error {
	b.stop()
	if err := <-b.ended; err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Pause lets the load go on for a while. It fails where the load has ended.
func (b *Background) Pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case err := <-b.ended:
		b.ended <- nil
		return fmt.Errorf("the load has ended: %w", err)
	case <-ctx.Done():
		return ctx.Err()
	}
}
