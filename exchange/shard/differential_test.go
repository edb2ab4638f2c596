package shard_test

import (
	"flag"
	"os"
	"testing"
)

var (
	soak     = flag.Bool("soak", os.Getenv("HUSTINGS_SOAK") == "1", "run 10,000,000 random commands instead of 200,000")
	programs = flag.Uint64("programs", 60, "how many random programs to run, of 5,000 commands each")
	seed     = flag.Uint64("seed", 1, "seed of the first random program")
)

const commandsPerProgram = 5_000

// TestDifferential runs random programs on the model and on the shard, and compares every answer and every event of
// every command, and from time to time the whole state.
func TestDifferential(t *testing.T) {
	if *soak {
		*programs = 2_000
	}
	seen := newCoverage()
	for s := *seed; s < *seed+*programs && !t.Failed(); s++ {
		runProgram(t, s, seen)
	}
	if !t.Failed() && *programs >= 60 {
		seen.check(t)
	}
	t.Logf("reached:\n%v", seen)
}

// runProgram makes and runs one program. On a difference it looks for a short program that shows it too.
func runProgram(t *testing.T, seed uint64, seen *coverage) {
	h := newHarness(seen)
	g := newGenerator(seed, h)
	var program []op
	for executed := 0; executed < commandsPerProgram; {
		o := g.next()
		program = append(program, o)
		executed += len(o.cmds)
		if err := step(h, o, len(program)); err != nil {
			t.Errorf("-seed %d -programs 1, command %d: %v", seed, executed, err)
			report(t, shrink(program, kind(err)))
			return
		}
	}
}

const opsBetweenStates = 20

// step executes an op, and every now and then compares the states. A panic on either side is a difference too.
func step(h *harness, o op, n int) (err error) {
	defer recoverInto(&err)
	if err := h.do(o); err != nil {
		return err
	}
	if n%opsBetweenStates == 0 {
		return h.compareStates()
	}
	return nil
}
