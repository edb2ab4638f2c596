package shard_test

import (
	"flag"
	"os"
	"testing"
)

var (
	soak = flag.Bool("soak", os.Getenv("HUSTINGS_SOAK") == "1", "run 10,000,000 random operations instead of 200,000")
	seed = flag.Uint64("seed", 0, "run only the random program of this seed")
)

const commandsPerProgram = 5_000

// TestDifferential runs random programs on the model and on the shard, and compares every answer and every event of
// every command, and from time to time the whole state.
func TestDifferential(t *testing.T) {
	programs := uint64(40)
	if *soak {
		programs = 2_000
	}
	seen := newCoverage()
	first, last := uint64(1), programs
	if *seed != 0 {
		first, last = *seed, *seed
	}
	for s := first; s <= last && !t.Failed(); s++ {
		runProgram(t, s, seen)
	}
	if !t.Failed() && *seed == 0 {
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
			t.Errorf("seed %d, command %d: %v", seed, executed, err)
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
