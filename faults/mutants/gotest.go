package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	timeLimit = 2 * time.Minute // of the tests of one mutant; one that makes them hang is caught too
	saidMost  = 600             // bytes kept of what a failing test says
)

// steady makes property tests draw the same every time, so that a mutant is caught always or never, and keeps them from
// writing what they found into the working tree.
var steady = []string{"RAPID_SEED=1", "RAPID_NOFAILFILE=true", "RAPID_SHRINKTIME=1ms"}

// event is what go test -json prints.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// run is how tests went.
type run struct {
	passed int    // tests that ran and passed
	failed string // the first test that failed, or the package if that was outside any test; empty: none
	said   string // by that test
	build  string // what the compiler said, if it refused
	took   time.Duration
}

// goTest runs tests, with an overlay unless that is empty. An error means that it is not known how they went.
func goTest(ctx context.Context, root, overlay string, t tests) (run, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-vet=off", "-count=1", "-failfast",
		"-timeout", timeLimit.String(), "-run", t.run, "./"+t.pkg)
	cmd.Dir = root
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // the go command ends the test with itself
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(os.Environ(), steady...)
	if overlay != "" { // in the environment, so that what the tests build has the bug too
		cmd.Env = append(cmd.Env, "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" '-overlay="+overlay+"'"))
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return run{}, fmt.Errorf("running go test: %w", err)
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return run{}, fmt.Errorf("running go test: %w", err)
	}
	r, readErr := readEvents(out)
	r.took = time.Since(begun)
	err = cmd.Wait()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case readErr != nil:
		return r, readErr
	case err != nil && !errors.As(err, &exit):
		return r, fmt.Errorf("running go test: %w", err)
	case err != nil && r.failed == "" && r.build == "":
		return r, fmt.Errorf("running go test: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	return r, nil
}

// readEvents follows the tests up to the first failure, and reads the rest for the sake of who writes it.
func readEvents(r io.Reader) (run, error) {
	f := following{said: map[string]string{}}
	for d := json.NewDecoder(r); ; {
		var e event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			return f.found, nil
		} else if err != nil {
			return f.found, fmt.Errorf("reading what go test prints: %w", err)
		}
		f.event(&e)
	}
}

// following is what is known while tests run.
type following struct {
	found    run
	running  []string          // tests that have begun and not ended, the innermost last
	said     map[string]string // by test
	compiler string            // what it said
}

func (f *following) event(e *event) {
	switch e.Action {
	case "build-output":
		f.compiler += e.Output
	case "build-fail":
		f.found.build = "the build failed: " + strings.TrimSpace(f.compiler)
	case "run":
		f.running = append(f.running, e.Test)
	case "output":
		f.said[e.Test] = appendSaid(f.said[e.Test], e.Output)
	case "pass", "skip":
		f.ended(e.Test)
		if e.Action == "pass" && e.Test != "" {
			f.found.passed++
		}
	case "fail":
		f.fail(e)
	}
}

func (f *following) ended(test string) {
	f.running = slices.DeleteFunc(f.running, func(name string) bool { return name == test })
}

// fail notes the first failure. Where the whole program came to an end, that is the failure of the test that ran.
func (f *following) fail(e *event) {
	if f.found.failed != "" || f.found.build != "" {
		return
	}
	f.found.failed = e.Test
	if n := len(f.running); e.Test == "" && n > 0 {
		f.found.failed = f.running[n-1]
	} else if e.Test == "" {
		f.found.failed = e.Package
	}
	f.found.said = f.said[f.found.failed]
	if f.found.said == "" {
		f.found.said = f.said[e.Test]
	}
}

// appendSaid adds a line of a test's output, unless it is one of the framework's own or there is enough.
func appendSaid(said, line string) string {
	if text := strings.TrimSpace(line); strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- ") || len(said) >= saidMost {
		return said
	}
	return (said + line)[:min(len(said)+len(line), saidMost)]
}
