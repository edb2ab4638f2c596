package sim

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	oneSeed = flag.String("sim.seed", "", "run this seed alone, and write what happens to the file of -sim.trace")
	trace   = flag.String("sim.trace", "", "a file for the trace of -sim.seed")
	soakAt  = flag.Uint64("sim.first", 0, "first seed of TestSoak; 0: one that nobody has seen")
	length  = flag.Duration("sim.length", 0, "how long things go wrong in -sim.seed; 0: as ever")
	soakFor = flag.Duration("sim.for", 10*time.Minute, "how long TestSoak runs")
)

// run runs a seed, and says how to repeat it if it fails.
func run(t *testing.T, seed uint64, options Options) Result {
	t.Helper()
	cryptotest.SetGlobalRandom(t, seed)
	r := Run(seed, options)
	if r.Err != nil {
		t.Errorf("seed %d: %v\nrepeat with: go test ./sim -run TestSeed$ -sim.seed %d -sim.trace FILE\nand add to sim/testdata/seeds.txt:\n%-20d # what was wrong", seed, r.Err,
			seed, seed)
	}
	return r
}

// keptSeeds are those that failed once.
func keptSeeds(t *testing.T) (seeds []uint64) {
	t.Helper()
	file, err := os.Open("testdata/seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		seed, err := strconv.ParseUint(line, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

// usual are the seeds of every run of the tests.
const usual = 5

// Everything goes wrong in all its ways, and nothing is amiss.
func TestSeeds(t *testing.T) {
	var fired [Faults]int
	begun := time.Now()
	seeds := keptSeeds(t)
	for seed := range uint64(usual) {
		if !slices.Contains(seeds, seed) {
			seeds = append(seeds, seed)
		}
	}
	for _, seed := range seeds {
		r := run(t, seed, Options{})
		if r.Batches < 50 || r.Answers < 50 || r.Reads == 0 || r.Moved == 0 || r.Markets == 0 && seed%3 < 2 {
			t.Errorf("seed %d came to nothing: %+v", seed, r)
		}
		for f, n := range r.Fired {
			fired[f] += n
		}
	}
	for f, n := range fired {
		t.Logf("%6d %v", n, Fault(f))
		if n == 0 && Fault(f) != Strayed && Fault(f) != JournalCut { // they take some luck; package replica brings them about
			t.Errorf("%v never happened", Fault(f))
		}
	}
	t.Logf("%d seeds in %v", len(seeds), time.Since(begun).Round(time.Millisecond))
}

func TestSameSeedSameTrace(t *testing.T) {
	seen := map[uint64]uint64{}
	for seed := range uint64(3) {
		options := Options{Length: 4 * time.Second}
		first, again := run(t, seed, options), run(t, seed, options)
		if first.Trace != again.Trace || first.Events != again.Events || first.Fired != again.Fired {
			t.Errorf("seed %d went like %+v and then like %+v", seed, first, again)
		}
		if other, known := seen[first.Trace]; known {
			t.Errorf("seeds %d and %d went alike", other, seed)
		}
		seen[first.Trace] = seed
	}
}

// TestSeed runs one seed.
func TestSeed(t *testing.T) {
	if *oneSeed == "" {
		t.Skip("no -sim.seed")
	}
	seed, err := strconv.ParseUint(*oneSeed, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	options := Options{Length: *length}
	if *trace != "" {
		file, err := os.Create(*trace)
		if err != nil {
			t.Fatal(err)
		}
		out := bufio.NewWriter(file)
		defer func() {
			if err := out.Flush(); err != nil {
				t.Error(err)
			}
			_ = file.Close()
		}()
		options.Trace = out
	}
	r := run(t, seed, options)
	t.Log(summary(r))
}

// TestSoak runs seeds that nobody has seen for a while.
func TestSoak(t *testing.T) {
	if os.Getenv("HUSTINGS_SOAK") == "" {
		t.Skip("HUSTINGS_SOAK is not set")
	}
	var fired [Faults]int
	n, first := 0, *soakAt
	if first == 0 {
		first = uint64(time.Now().UnixNano())
	}
	for begun := time.Now(); time.Since(begun) < *soakFor && !t.Failed(); n++ {
		r := run(t, first+uint64(n), Options{})
		for f, n := range r.Fired {
			fired[f] += n
		}
	}
	t.Logf("%d seeds from %d on", n, first)
	for f, n := range fired {
		t.Logf("%8d %v", n, Fault(f))
	}
}

func summary(r Result) string {
	text := fmt.Sprintf("seed %d: trace %x, %d events in %v, %d batches, %d answers, %d fresh reads, %d transfers, %d markets moved", r.Seed, r.Trace, r.Events,
		r.Time, r.Batches, r.Answers, r.Reads, r.Moved, r.Markets)
	for f, n := range r.Fired {
		text += fmt.Sprintf("\n%8d %v", n, Fault(f))
	}
	return text
}
