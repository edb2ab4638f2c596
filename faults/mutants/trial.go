package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// result is what became of one mutant. Caught by nothing and no error: it survived.
type result struct {
	Name     string  `json:"name"`
	Package  string  `json:"package"`
	Broken   string  `json:"broken"`
	CaughtBy string  `json:"caught_by,omitempty"` // package and first test that failed
	Seconds  float64 `json:"seconds"`             // to compile and run the tests
	Said     string  `json:"said,omitempty"`      // what that test said first
	Error    string  `json:"error,omitempty"`     // why it is not known whether the tests catch it
}

// trials tries mutants, two or more at once if so wanted.
type trials struct {
	root string

	mu    sync.Mutex
	sound map[tests]func() error // whether tests pass without a mutant, found out once
}

func newTrials(root string) *trials { return &trials{root: root, sound: map[tests]func() error{}} }

// try plants a mutant and runs its tests. An error of the context is returned as one; everything else is in the result.
func (t *trials) try(ctx context.Context, m *mutant) (result, error) {
	r := result{Name: m.name, Package: m.pkg(), Broken: m.broken}
	caught, err := t.plantAndRun(ctx, m)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	r.Seconds = caught.took.Round(10 * time.Millisecond).Seconds()
	if err != nil {
		r.Error = err.Error()
	} else if caught.failed != "" {
		r.CaughtBy, r.Said = m.tests.pkg+" "+caught.failed, caught.said
		if caught.failed == m.tests.pkg || strings.HasSuffix(caught.failed, "/"+m.tests.pkg) {
			r.CaughtBy = m.tests.pkg
		}
	}
	return r, nil
}

func (t *trials) plantAndRun(ctx context.Context, m *mutant) (caught run, err error) {
	dir, err := os.MkdirTemp("", "hustings-mutant-")
	if err != nil {
		return run{}, fmt.Errorf("planting %s: %w", m.name, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	overlay, err := plant(dir, t.root, m)
	if err != nil {
		return run{}, err
	}
	if err := t.passing(ctx, m.tests); err != nil {
		return run{}, err
	}
	caught, err = goTest(ctx, t.root, overlay, m.tests)
	if err == nil && caught.build != "" {
		err = fmt.Errorf("it does not compile: %s", caught.build)
	}
	return caught, err
}

// passing makes sure that tests exist and pass on the code as it is.
func (t *trials) passing(ctx context.Context, names tests) error {
	t.mu.Lock()
	once := t.sound[names]
	if once == nil {
		once = sync.OnceValue(func() error {
			r, err := goTest(ctx, t.root, "", names)
			switch {
			case err != nil:
				return err
			case r.build != "":
				return fmt.Errorf("the tests do not compile: %s", r.build)
			case r.failed != "":
				return fmt.Errorf("%s fails without the mutant: %s", r.failed, strings.TrimSpace(r.said))
			case r.passed == 0:
				return fmt.Errorf("no test of %s matches %s, or all were skipped", names.pkg, names.run)
			}
			return nil
		})
		t.sound[names] = once
	}
	t.mu.Unlock()
	return once()
}
