package chaos

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/faults/history"
	"github.com/hustings/hustings/faults/hosts"
)

// figures is the outcome of a run.
type figures struct {
	Seed       uint64         `json:"seed"`
	Seconds    float64        `json:"seconds"`
	Nodes      int            `json:"nodes"`
	Faults     []faultFigures `json:"faults"`
	Deeds      int            `json:"deeds"`       // answered
	GivenUp    int            `json:"given_up"`    // their clients did not learn what came of them until the end
	AskedAgain int            `json:"asked_again"` // with the same key
	Calls      int            `json:"calls"`       // checked for linearizability
	Open       int            `json:"open"`        // of these, without an answer
	Histories  int            `json:"histories"`
	Moves      int            `json:"moves"`  // of markets, from shard to shard
	Shards     int            `json:"shards"` // in the end
	Violations int            `json:"violations"`
	Failures   map[string]int `json:"failures"` // of tries, by reason
	Packets    hosts.Counts   `json:"packets"`
}

type faultFigures struct {
	Class     string  `json:"class"`
	Fired     int     `json:"fired"`
	SilenceMs float64 `json:"silence_ms"` // longest time in which nobody was answered
	SlowestMs float64 `json:"slowest_ms"` // longest time that a deed took which was answered in the end
	MachineMs float64 `json:"machine_ms"` // longest time that the machine's own disk took for a sync
}

func (t *tally) figures() faultFigures {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return faultFigures{t.class, t.fired, ms(t.silence), ms(t.slowest), ms(t.machine)}
}

// print says what happened, and fails the test if a class of faults never fired.
func (r *run) print(t *testing.T, v history.Verdict) {
	t.Helper()
	f := figures{
		Seed: r.seed, Seconds: time.Since(r.begun).Seconds(), Nodes: nodes, Deeds: len(r.log.done), GivenUp: r.log.gaveUpOn, AskedAgain: r.log.again,
		Calls: v.Calls, Open: v.Open, Histories: v.Subjects, Violations: r.log.violated, Moves: r.moved.done, Shards: r.shards.count(),
		Failures: r.log.failures, Packets: r.wire.Counts(),
	}
	for _, class := range classes() {
		f.Faults = append(f.Faults, r.tallies[class].figures())
		if r.tallies[class].fired == 0 {
			t.Errorf("%s: never fired", class)
		}
	}
	if r.moved.done == 0 {
		t.Errorf("no market has moved, though %d were told to", r.moved.asked)
	}
	fmt.Print(f.table())
	if name := os.Getenv("HUSTINGS_CHAOS_JSON"); name != "" {
		text, err := f.text()
		must(t, err)
		must(t, os.WriteFile(name, text, 0o600))
	}
}

func (f *figures) text() ([]byte, error) { return json.Marshal(f, jsontext.Multiline(true)) }

func TestFiguresAreJSON(t *testing.T) {
	full := tally{"kill the leader", 3, 1500 * time.Microsecond, 2 * time.Second, time.Millisecond}
	text, err := (&figures{Seed: 7, Faults: []faultFigures{full.figures()}, Failures: map[string]int{"no connection": 1}}).text()
	must(t, err)
	for _, want := range []string{`"seed": 7`, `"silence_ms": 1.5`, `"slowest_ms": 2000`, `"machine_ms": 1`, `"no connection": 1`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
}

func (f *figures) table() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "fault\tfired\tlongest silence, ms\tslowest answer, ms\tmachine's own disk, ms\t\n")
	for _, c := range f.Faults {
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.0f\t\n", c.Class, c.Fired, c.SilenceMs, c.SlowestMs, c.MachineMs)
	}
	_ = w.Flush() // into memory
	fmt.Fprintf(&b, "%d deeds answered, %d given up and asked for again at the end, %d asked for again and answered the same\n", f.Deeds, f.GivenUp, f.AskedAgain)
	fmt.Fprintf(&b, "%d calls in %d histories, %d without an answer\n", f.Calls, f.Histories, f.Open)
	fmt.Fprintf(&b, "markets moved %d times, between %d shards in the end\n", f.Moves, f.Shards)
	fmt.Fprintf(&b, "packets %+v\ntries that failed:", f.Packets)
	for _, reason := range slices.Sorted(maps.Keys(f.Failures)) {
		fmt.Fprintf(&b, " %s %d;", reason, f.Failures[reason])
	}
	fmt.Fprintf(&b, "\n%d violations\n", f.Violations)
	return b.String()
}
