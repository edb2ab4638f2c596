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
	Faults     []*tally       `json:"faults"`
	Deeds      int            `json:"deeds"`       // answered
	GivenUp    int            `json:"given_up"`    // their clients did not learn what came of them until the end
	AskedAgain int            `json:"asked_again"` // with the same key
	Calls      int            `json:"calls"`       // checked for linearizability
	Open       int            `json:"open"`        // of these, without an answer
	Histories  int            `json:"histories"`
	Violations int            `json:"violations"`
	Failures   map[string]int `json:"failures"` // of tries, by reason
	Packets    hosts.Counts   `json:"packets"`
}

// print says what happened, and fails the test if a class of faults never fired.
func (r *run) print(t *testing.T, v history.Verdict) {
	t.Helper()
	f := figures{
		Seed: r.seed, Seconds: time.Since(r.begun).Seconds(), Nodes: nodes, Deeds: len(r.log.done), GivenUp: r.log.gaveUpOn, AskedAgain: r.log.again,
		Calls: v.Calls, Open: v.Open, Histories: v.Subjects, Violations: r.log.violated,
		Failures: r.log.failures, Packets: r.wire.Counts(),
	}
	for _, class := range classes() {
		f.Faults = append(f.Faults, r.tallies[class])
		if r.tallies[class].Fired == 0 {
			t.Errorf("%s: never fired", class)
		}
	}
	fmt.Print(f.table())
	if name := os.Getenv("HUSTINGS_CHAOS_JSON"); name != "" {
		text, err := json.Marshal(f, jsontext.Multiline(true), json.FormatNilSliceAsNull(false))
		must(t, err)
		must(t, os.WriteFile(name, text, 0o600))
	}
}

func (f *figures) table() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "fault\tfired\tlongest silence\tslowest answer\t\n")
	for _, c := range f.Faults {
		fmt.Fprintf(w, "%s\t%d\t%v\t%v\t\n", c.Class, c.Fired, c.Silence.Round(time.Millisecond), c.Slowest.Round(time.Millisecond))
	}
	_ = w.Flush() // into memory
	fmt.Fprintf(&b, "%d deeds answered, %d given up and asked for again at the end, %d asked for again and answered the same\n", f.Deeds, f.GivenUp, f.AskedAgain)
	fmt.Fprintf(&b, "%d calls in %d histories, %d without an answer\n", f.Calls, f.Histories, f.Open)
	fmt.Fprintf(&b, "packets %+v\ntries that failed:", f.Packets)
	for _, reason := range slices.Sorted(maps.Keys(f.Failures)) {
		fmt.Fprintf(&b, " %s %d;", reason, f.Failures[reason])
	}
	fmt.Fprintf(&b, "\n%d violations\n", f.Violations)
	return b.String()
}
