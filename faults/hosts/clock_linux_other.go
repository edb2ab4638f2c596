//go:build linux && !amd64

package hosts

import (
	"errors"
	"time"
)

// Clock moves the wall clock of one running process. This is there for amd64 only.
type Clock struct{}

// NewClock refuses.
func NewClock(int) (*Clock, error) {
	return nil, errors.New("the clock of a process can be moved on amd64 only")
}

// Shift does nothing.
func (*Clock) Shift(time.Duration) error { return nil }

// Close does nothing.
func (*Clock) Close() error { return nil }
